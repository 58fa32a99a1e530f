// The clip dialog: opening, closing, what was typed, and small comforts. Every link and form works without it.
"use strict";

(() => {
  const dialog = () => document.getElementById("clip-dialog");
  const panel = () => document.getElementById("clip-panel");
  const form = () => document.getElementById("clip-form");
  const isDeepLink = () => /\/clip\/(start|end|video)\/$/.test(location.pathname);

  // --- Opening and closing ------------------------------------------------------------------------------------

  let opener = null;

  function show() {
    const box = dialog();
    if (box.matches(":modal")) return;
    box.removeAttribute("open"); // a deep link arrives with the dialog open, but not modal
    box.showModal();
    // What lies outside a modal dialog is neither seen nor heard: messages come along.
    box.append(document.getElementById("toasts"), document.getElementById("announcer"));
    document.getElementById("clip-title").focus();
  }

  function afterClose() {
    const { block, sceneUrl } = panel()?.dataset ?? {};
    document.body.append(document.getElementById("toasts"), document.getElementById("announcer"));
    dialog().replaceChildren(); // ends the polling
    if (isDeepLink()) {
      const isOurs = history.state?.clip;
      history.replaceState(null, "", sceneUrl); // at once: going back takes a while, and a reload may come before
      if (isOurs) history.back();
    }
    if (!block) return;
    htmx.trigger(document.body, "block-changed", { block });
    (opener?.isConnected ? opener : document.getElementById(`film-${block}`))?.focus();
    opener = null;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") && dialog()?.open) {
      event.preventDefault();
      dialog().close();
    } else if (event.target === dialog()) {
      dialog().close(); // the backdrop
    }
  });

  document.addEventListener("close", (event) => { if (event.target === dialog()) afterClose(); }, true);

  window.addEventListener("popstate", () => {
    if (isDeepLink()) htmx.ajax("GET", `${location.pathname}panel/`, { target: "#clip-dialog", swap: "innerHTML" });
    else if (dialog()?.open) dialog().close();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === dialog() && !dialog().open) opener = document.activeElement;
  });

  function panelArrived() {
    const { url } = panel().dataset;
    if (!isDeepLink()) history.pushState({ clip: true }, "", url);
    else if (location.pathname !== url) history.replaceState(history.state, "", url);
    show();
    restoreDraft();
    reopenFolds();
    const wrong = panel().querySelector("[aria-invalid='true']");
    if (wrong) wrong.focus();
    else if (!dialog().contains(document.activeElement) || document.activeElement === dialog()) {
      document.getElementById("clip-title").focus();
    }
  }

  // --- What was typed is kept until the tab is closed ------------------------------------------------------------

  // The key names the person as well: a tab may see one account sign out and another one sign in.
  const draftKey = () => `storyreel-draft-${form().dataset.draft}`;
  const readDraft = () => JSON.parse(sessionStorage.getItem(draftKey()) ?? "{}");
  const valuesOf = (name) => new FormData(form()).getAll(name);

  function keep(name) {
    const isOurs = name && name !== "csrfmiddlewaretoken";
    if (isOurs) sessionStorage.setItem(draftKey(), JSON.stringify({ ...readDraft(), [name]: valuesOf(name) }));
  }

  function restoreDraft() {
    if (!form() || form().querySelector("fieldset:disabled")) return;
    for (const [name, values] of Object.entries(readDraft())) {
      for (const field of form().querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
        else if (values.length) [field.value] = values;
      }
    }
    showModel();
    if (Object.keys(readDraft()).length) foresee();
  }

  function reopenFolds() {
    for (const fold of dialog().querySelectorAll("details[data-keep]")) {
      if (sessionStorage.getItem(`storyreel-fold-${fold.dataset.keep}`) === "open") fold.open = true;
    }
  }

  document.addEventListener("toggle", (event) => {
    const name = event.target.dataset?.keep;
    if (name) sessionStorage.setItem(`storyreel-fold-${name}`, event.target.open ? "open" : "closed");
  }, true);

  // --- Settings ---------------------------------------------------------------------------------------------------

  let waiting = 0;
  function foresee() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const line = document.getElementById("clip-forecast");
      if (line) htmx.trigger(line, "forecast");
    }, 250);
  }

  function showModel() {
    const model = form()?.elements.model?.value;
    if (!model) return;
    for (const line of form().querySelectorAll("[data-model]")) line.hidden = line.dataset.model !== model;
    for (const line of form().querySelectorAll("[data-unused-by]")) line.hidden = line.dataset.unusedBy !== model;
    for (const field of form().querySelectorAll("[data-hidden-by]")) {
      const isWrong = field.querySelector("[aria-invalid='true']"); // it keeps the form from going on
      field.hidden = field.dataset.hiddenBy.split(" ").includes(model) && !isWrong;
    }
  }

  function changed(event) {
    if (!event.target.form || event.target.form !== form()) return;
    keep(event.target.name);
    if (event.target.name === "model") showModel();
    if (event.target.name !== "prompt" && event.target.name !== "negative_prompt") foresee();
  }
  document.addEventListener("input", changed);

  function setSeed(seed) {
    const field = form().elements.seed;
    field.value = seed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dice]")) setSeed(crypto.getRandomValues(new Uint32Array(1))[0]);
    if (event.target.closest("[data-reuse-seed]")) setSeed(document.getElementById("clip-stage").dataset.lastSeed);
  });

  // --- One's own picture: sent when chosen or dropped -----------------------------------------------------------------

  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-drop]");
    if (box && event.target.files?.length) box.requestSubmit();
  });

  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const box = event.target.closest?.("#clip-stage")?.querySelector("[data-drop]");
      if (!box) return;
      event.preventDefault();
      box.classList.toggle("is-over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      box.elements.image.files = event.dataTransfer.files;
      box.requestSubmit();
    });
  }

  // --- The player -------------------------------------------------------------------------------------------------------

  const player = () => document.querySelector("#clip-card [data-player]");

  function frameOf(video, rate) {
    // Half a frame in: rounding never shows the neighbour.
    return Math.floor(video.currentTime * rate + 0.001);
  }

  function stepFrame(by) {
    const video = player().querySelector("video");
    const rate = Number(player().dataset.rate);
    const last = Math.round(video.duration * rate) - 1;
    video.pause();
    video.currentTime = (Math.min(last, Math.max(0, frameOf(video, rate) + by)) + 0.5) / rate;
  }

  function sayFrame(video) {
    const words = document.querySelector("[data-frame-number]");
    if (!words || !video.duration) return;
    const rate = Number(player().dataset.rate);
    const total = Math.round(video.duration * rate);
    const text = words.textContent.trim();
    words.textContent = text.replace(/\d+\/\d+/, `${Math.min(total, frameOf(video, rate) + 1)}/${total}`);
  }

  for (const name of ["timeupdate", "seeked", "loadedmetadata"]) {
    document.addEventListener(name, (event) => {
      if (event.target.closest?.("[data-player]")) sayFrame(event.target);
    }, true);
  }

  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-frame]");
    if (step) stepFrame(Number(step.dataset.frame));
    const loop = event.target.closest("[data-loop]");
    if (loop) {
      const video = player().querySelector("video");
      video.loop = !video.loop;
      loop.setAttribute("aria-pressed", String(video.loop));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "," && event.key !== ".") return;
    if (!player() || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    stepFrame(event.key === "." ? 1 : -1);
  });

  // --- After the server's answers --------------------------------------------------------------------------------------------

  let said = "";
  function sayProgress() {
    const words = document.getElementById("clip-progress")?.dataset.announce ?? "";
    if (words && words !== said) window.storyreel.announce(words); // a change of phase, not every second
    said = words;
  }

  /** A run has begun or ended: there may be a seed to reuse, and the estimate may know more. */
  function stageArrived() {
    const reuse = form()?.querySelector("[data-reuse-seed]");
    if (reuse) reuse.hidden = !document.getElementById("clip-stage").dataset.lastSeed;
    foresee();
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const { target } = event.detail;
    if (target.id === "clip-dialog" || target.id === "clip-panel") panelArrived();
    if (target.id === "clip-stage") stageArrived();
    if (target.id === "clip-prompt-field") keep("prompt");
    sayProgress();
  });

  // Whoever closed the dialog or went to another step has no use for an answer to the one before. The element that
  // asked is out of the page then, and its events do not bubble: the listener must be on itself.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt: asking, requestConfig } = event.detail;
    if (!dialog()?.contains(asking)) return;
    asking.addEventListener("htmx:beforeOnLoad", (answer) => {
      if (asking.isConnected) return;
      answer.preventDefault();
      if (requestConfig.verb === "post" && panel()) {
        htmx.ajax("GET", `${panel().dataset.url}panel/`, { target: "#clip-panel", swap: "outerHTML" });
      }
    }, { once: true });
  });

  // A disabled button loses the focus; whoever pressed Generate with the keyboard finds it on Stop.
  document.addEventListener("htmx:afterSwap", () => {
    if (dialog()?.open && document.activeElement === document.body) {
      (document.getElementById("clip-main") ?? dialog()).focus();
    }
  });

  if (dialog()?.hasAttribute("open") && panel()) {
    panelArrived();
    sayProgress();
  }
})();
