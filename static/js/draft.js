// The clip dialog's draft: what was typed, and which folds are open, is kept until the tab is closed; the size somebody
// gave a text field, until the page is left.
// Says "clip-draft" when it has put something into the form.
"use strict";

(() => {
  const form = () => document.getElementById("clip-form");

  // The key names the person as well: a tab may see one account sign out and another one sign in.
  const key = () => `storyreel-draft-${form().dataset.draft}`;
  const read = () => JSON.parse(sessionStorage.getItem(key()) ?? "{}");
  const valuesOf = (name) => new FormData(form()).getAll(name);

  function keep(name) {
    const isOurs = name && name !== "csrfmiddlewaretoken";
    if (isOurs) sessionStorage.setItem(key(), JSON.stringify({ ...read(), [name]: valuesOf(name) }));
  }

  function isOwn({ type, checked, defaultChecked, value, defaultValue }) {
    return type === "checkbox" || type === "radio" ? checked !== defaultChecked : value !== (defaultValue ?? value);
  }

  function restore() {
    if (!form() || form().querySelector("fieldset:disabled")) return;
    for (const field of form().elements) if (isOwn(field)) keep(field.name); // typed before this script was here
    const draft = Object.entries(read());
    for (const [name, values] of draft) {
      for (const field of form().querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
        else if (values.length) [field.value] = values;
      }
    }
    if (draft.length) document.dispatchEvent(new Event("clip-draft"));
  }

  function reopenFolds() {
    for (const fold of document.querySelectorAll("#clip-dialog details[data-keep]")) {
      if (sessionStorage.getItem(`storyreel-fold-${fold.dataset.keep}`) === "open") fold.open = true;
    }
  }

  const heights = new Map(); // a text field of a step: the height somebody dragged it to, as its style has it
  const placeOf = (field) => `${document.getElementById("clip-panel")?.dataset.url} ${field.id}`;
  const textFields = () => form()?.querySelectorAll("textarea") ?? [];

  document.addEventListener("htmx:beforeSwap", () => {
    for (const field of textFields()) if (field.style.height) heights.set(placeOf(field), field.style.height);
  });

  document.addEventListener("htmx:afterSwap", () => {
    for (const field of textFields()) field.style.height = heights.get(placeOf(field)) ?? "";
  });

  document.addEventListener("clip-panel", () => {
    restore();
    reopenFolds();
  });

  document.addEventListener("input", (event) => {
    if (event.target.form && event.target.form === form()) keep(event.target.name);
  });

  document.addEventListener("toggle", (event) => {
    const name = event.target.dataset?.keep;
    if (name) sessionStorage.setItem(`storyreel-fold-${name}`, event.target.open ? "open" : "closed");
  }, true);
})();
