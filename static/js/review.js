// What is said of the shown take by key: A approves, R asks for a retake. The buttons say the same without it.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.querySelector(`[data-review-key="${CSS.escape(event.key.toLowerCase())}"]`);
  // A second press by key takes nothing back: an approval would be lost by a slip of the finger.
  if (!button || button.disabled || button.getAttribute("aria-pressed") === "true") return;
  event.preventDefault();
  button.click();
});
