// Optimize Prompt: which of the two texts the field holds decides what is shown. Nothing typed is ever lost.
// "From the script" puts another text into the field and keeps what stood there for its own Undo. "Update the prompt
// from the new words" does too, and switches on the people whom the block names now.
"use strict";

(() => {
  const box = () => document.getElementById("clip-rewrite");
  const field = () => document.getElementById("clip_prompt");
  const { announce } = window.storyreel;

  let busy = false; // a rewrite was live here when the page last looked
  let typing = ""; // the last state that was said aloud

  /** optimized, typed or edited; nothing where there is no optimized text. */
  function held() {
    const { typed, result } = box()?.dataset ?? {};
    if (result === undefined || !field()) return "";
    const now = field().value.trim();
    if (now === result) return "optimized";
    return now === typed.trim() ? "typed" : "edited";
  }

  function refresh() {
    const state = held();
    document.getElementById("clip-prompt-field")?.classList.toggle("field--optimized", state === "optimized");
    if (!state) return "";
    const isFresh = "fresh" in box().dataset;
    for (const part of box().querySelectorAll("[data-when]")) {
      const applies = part.dataset.when.split(" ").includes(state);
      // What somebody else optimized an hour ago is not offered to a text that has long been another.
      part.hidden = !applies || (state === "edited" && "freshOnly" in part.dataset && !isFresh);
    }
    return state;
  }

  function say(state) {
    if (state && state !== typing) announce(box().dataset[`words${state[0].toUpperCase()}${state.slice(1)}`]);
    typing = state;
  }

  function put(text) {
    const before = document.activeElement;
    field().focus({ preventScroll: true });
    field().select();
    // Typed for the person, so that Ctrl+Z gives back what stood there; a value that is set is not in that history.
    if (!document.execCommand("insertText", false, text)) {
      field().value = text;
      field().dispatchEvent(new Event("input", { bubbles: true })); // the draft, the green and the words follow
    }
    if (before === document.body) field().blur();
    else before.focus({ preventScroll: true });
  }

  let replaced = ""; // what "From the script" took the place of
  let fromLast = ""; // what it put there: pressed again for other chips, Undo still gives back what was typed
  let chipsBefore = null; // the people that were on before it switched others on

  const chips = () => [...document.querySelectorAll("#clip-form [name=character_ids]")];
  const switchedOn = () => chips().filter((chip) => chip.checked).map((chip) => chip.value).join(" ");

  function switchOn(people) {
    for (const chip of chips()) {
      if (chip.checked !== people.split(" ").includes(chip.value)) chip.click(); // as a person: the draft keeps it
    }
  }

  function fromScript() {
    const { script, people, wordsPut, wordsSame } = document.getElementById("clip-script").dataset;
    const isSame = field().value === script && (people ?? switchedOn()) === switchedOn();
    if (!isSame) {
      if (field().value !== fromLast) {
        replaced = field().value;
        chipsBefore = null;
      }
      if (people !== undefined) {
        chipsBefore ??= switchedOn();
        switchOn(people);
        field().scrollIntoView({ block: "nearest" });
      }
      fromLast = script;
      put(script);
    }
    announce(isSame ? wordsSame : wordsPut);
    document.querySelector("[data-put-back]").hidden = isSame;
  }

  /** An answer has come: use it if the field still holds what was sent, else leave it to be chosen. */
  function arrived() {
    const { state, fresh, typed, result, words } = box().dataset;
    const isNews = busy && fresh !== undefined;
    busy = state === "live";
    typing = refresh();
    if (words && (fresh !== undefined || busy)) announce(words);
    if (state !== "ready" || !isNews) return;
    if (field().value.trim() === typed.trim()) put(result);
    say(refresh());
  }

  document.addEventListener("input", (event) => {
    if (event.target !== field()) return;
    // They spoke of another text.
    for (const words of box()?.querySelectorAll("#clip-optimize-error, [data-until-typed]") ?? []) words.remove();
    say(refresh());
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-put], [data-put-back]");
    if (!button) return;
    put("putBack" in button.dataset ? replaced : box().dataset[button.dataset.put]);
    field().focus();
    if (!("putBack" in button.dataset)) return;
    button.hidden = true;
    if (chipsBefore !== null) switchOn(chipsBefore);
    chipsBefore = null;
  });

  // The pressed button leaves with the old fragment: the focus goes on to what has taken its place.
  let hadFocus = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    // Asked now, because the pressed button is disabled next, and a disabled button has lost the focus.
    if (event.detail.elt.closest("#clip-rewrite button")) hadFocus = true;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "clip-rewrite") hadFocus ||= event.detail.target.contains(document.activeElement);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const { id } = event.detail.target;
    if (id === "clip-rewrite") {
      arrived();
      if (hadFocus) box().querySelector("button:not([hidden]):not(:disabled)")?.focus();
      hadFocus = false;
    } else if (id === "clip-script") {
      fromScript();
    } else if (id === "clip-dialog" || id === "clip-panel") {
      busy = box()?.dataset.state === "live";
      typing = refresh();
    }
  });

  if (box()) {
    busy = box().dataset.state === "live";
    typing = refresh();
  }
})();
