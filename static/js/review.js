// What is said of the shown take by key: A approves, R asks for a retake. The buttons say the same without it.
// A note is pinned to the frame that is shown when somebody begins to write it; its number leads back to that frame.
// A number that is typed shows its frame first.
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

/** Show a frame, counted from 0, of the clip that an element is about. */
function showFrame(element, frame) {
  const { video, rate } = clipOf(element);
  const go = () => { video.currentTime = (frame + 0.5) / rate; };
  video.pause();
  if (video.readyState) go();
  else { // nothing of it is here yet
    video.addEventListener("loadedmetadata", go, { once: true });
    video.preload = "auto";
  }
}

document.addEventListener("focusin", (event) => {
  if (!event.target.matches("[data-note-text]") || event.target.value) return;
  const { video, rate } = clipOf(event.target);
  const field = event.target.form.elements.frame;
  video.pause();
  // A number that the clip does not have stays, for the browser to refuse it; before any of the clip is here, it leads.
  const { rangeOverflow, rangeUnderflow, stepMismatch } = field.validity;
  if (!video.readyState || rangeOverflow || rangeUnderflow || stepMismatch) return;
  field.value = Math.min(Number(field.max), Math.floor(video.currentTime * rate + 0.001) + 1);
});

document.addEventListener("change", ({ target }) => {
  if (target.name !== "frame" || !target.form?.querySelector("[data-note-text]")) return;
  if (target.value && target.validity.valid) showFrame(target, Number(target.value) - 1);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go-to-frame]");
  if (!button) return;
  clipOf(button).video.scrollIntoView({ block: "nearest" }); // on a phone the notes stand far below it
  showFrame(button, Number(button.dataset.goToFrame));
});
