// The settings of a frame or clip: the fields of the chosen pipeline, the forecast, the seed and its dice, Ctrl+Enter.
"use strict";

(() => {
  const form = () => document.getElementById("clip-form");
  const stage = () => document.getElementById("clip-stage");
  const FORECAST_PAUSE = 250; // ms without a change before the server is asked

  let waiting = 0;

  /** Ask for the line that says what the settings will lead to. */
  function forecast() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const line = document.getElementById("clip-forecast");
      if (line) htmx.trigger(line, "refresh");
    }, FORECAST_PAUSE);
  }

  /** Show what the chosen pipeline uses, and say what it does not. */
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

  function setSeed(seed) {
    const field = form().elements.seed;
    field.value = seed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("clip-panel", showModel);

  document.addEventListener("clip-draft", () => {
    showModel();
    forecast();
  });

  document.addEventListener("input", ({ target }) => {
    if (!target.form || target.form !== form()) return;
    if (target.name === "model") showModel();
    if (target.name !== "prompt" && target.name !== "negative_prompt") forecast();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dice]")) setSeed(crypto.getRandomValues(new Uint32Array(1))[0]);
    if (event.target.closest("[data-reuse-seed]")) setSeed(stage().dataset.lastSeed);
  });

  // Enter alone presses the form's submit button, which is Generate; in a text it breaks the line.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.closest("#clip-panel")) return;
    const generate = document.getElementById("clip-main");
    if (!form() || generate?.form !== form()) return; // it is Stop
    event.preventDefault();
    if (!event.repeat) generate.click();
  });

  // A run has begun or ended: there may be a seed to reuse, and the estimate may know more.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "clip-stage") return;
    const reuse = form()?.querySelector("[data-reuse-seed]");
    if (reuse) reuse.hidden = !stage().dataset.lastSeed;
    forecast();
  });
})();
