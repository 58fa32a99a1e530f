// What is said of the shown take by key: A approves, R asks for a retake. The buttons say the same without it.
// A note is pinned to the frame that is shown when somebody begins to write it; its number leads back to that frame.
// A guest's page has many clips, each in a [data-noted] with its notes; the dialog has one.
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

/** The clip that a field or button below it is about. */
function clipOf(element) {
  const player = (element.closest("[data-noted]") ?? document.getElementById("clip-card"))
    .querySelector("[data-frame-player]");
  return { video: player.querySelector("video"), rate: Number(player.dataset.rate) };
}

document.addEventListener("focusin", (event) => {
  if (!event.target.matches("[data-note-text]") || event.target.value) return;
  const { video, rate } = clipOf(event.target);
  const number = Math.floor(video.currentTime * rate + 0.001) + 1;
  const field = event.target.form.elements.frame;
  video.pause();
  field.value = Math.min(Number(field.max), number);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go-to-frame]");
  if (!button) return;
  const { video, rate } = clipOf(button);
  video.scrollIntoView({ block: "nearest" }); // on a phone the notes stand far below it
  const go = () => { video.currentTime = (Number(button.dataset.goToFrame) + 0.5) / rate; };
  video.pause();
  if (video.readyState) go();
  else { // nothing of it is here yet
    video.addEventListener("loadedmetadata", go, { once: true });
    video.preload = "auto";
  }
});
