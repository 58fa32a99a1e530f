// The dialog's main button: Generate becomes Stop and Stop becomes Generate, in one place. For a second after each
// change a press does nothing, for it was meant for the button before.
"use strict";

(() => {
  const HOLD = 1000; // ms
  const button = () => document.getElementById("clip-main");

  let was = {}; // the step, and what its button did when the page last looked
  let heldUntil = 0;

  function look() {
    const main = button();
    const now = { step: document.getElementById("clip-panel")?.dataset.url, act: main?.dataset.act };
    if (now.act && was.act && now.step === was.step && now.act !== was.act) {
      heldUntil = performance.now() + HOLD;
      setTimeout(release, HOLD);
    }
    was = now;
    if (main?.dataset.act && performance.now() < heldUntil) {
      main.dataset.held = "";
      main.setAttribute("aria-disabled", "true"); // a disabled button would lose the focus
    }
  }

  function release() {
    const main = button();
    if (!main || !("held" in main.dataset) || performance.now() < heldUntil - 1) return;
    delete main.dataset.held;
    if (!("stopping" in main.dataset)) main.removeAttribute("aria-disabled");
  }

  for (const event of ["htmx:afterSwap", "htmx:oobAfterSwap", "htmx:afterSettle"]) {
    document.addEventListener(event, look);
  }
  document.addEventListener("close", (event) => { if (event.target.id === "clip-dialog") was = {}; }, true);

  // In the capture phase, before htmx hears of it: whatever sends the button's form, a key as well.
  document.addEventListener("submit", (event) => {
    if (event.target !== button()?.form || performance.now() >= heldUntil) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  look();
})();
