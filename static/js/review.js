// What is said of the shown take by key: A approves, R asks for a retake. The buttons say the same without it.
// A note is pinned to the frame that is shown when somebody begins to write it; its number leads back to that frame.
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

document.addEventListener("focusin", (event) => {
  if (!event.target.matches("[data-note-text]") || event.target.value) return;
  const player = document.querySelector("#clip-card [data-frame-player]");
  const video = player.querySelector("video");
  const number = Math.floor(video.currentTime * Number(player.dataset.rate) + 0.001) + 1;
  const field = event.target.form.elements.frame;
  video.pause();
  field.value = Math.min(Number(field.max), number);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go-to-frame]");
  if (!button) return;
  const player = document.querySelector("#clip-card [data-frame-player]");
  const video = player.querySelector("video");
  video.pause();
  video.currentTime = (Number(button.dataset.goToFrame) + 0.5) / Number(player.dataset.rate);
});
