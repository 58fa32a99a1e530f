// What was drawn for the notes on the frame that is shown, over it while the clip stands still: in the dialog, and on a
// guest's page, which has many clips. Who picks a note sees its drawing alone, that of one that is done as well.
"use strict";

(() => {
  const BOXES = "#clip-card, [data-noted]";
  let picked = null; // the note whose number was pressed last

  function show(box) {
    const surface = box.querySelector("[data-drawing]");
    if (!surface || surface.classList.contains("drawing--on")) return; // somebody draws there
    const player = box.querySelector("[data-frame-player]");
    const video = player.querySelector("video");
    const frame = Math.floor(video.currentTime * Number(player.dataset.rate) + 0.001);
    const here = [...box.querySelectorAll(`[data-note-frame="${frame}"]:has([data-lines])`)];
    const open = here.filter((note) => !note.matches(".notes__note--done"));
    const shown = here.includes(picked) ? [picked] : open;
    const lines = video.paused ? shown.flatMap((note) => [...note.querySelectorAll("[data-lines] path")]) : [];
    surface.replaceChildren(...lines.map((line) => line.cloneNode()));
  }

  for (const type of ["seeked", "play", "pause", "timeupdate"]) {
    document.addEventListener(type, (event) => {
      const box = event.target.closest?.("[data-frame-player]")?.closest(BOXES);
      if (box) show(box);
    }, true);
  }

  document.addEventListener("drawing-ended", () => show(document.getElementById("clip-card")));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go-to-frame]");
    const box = button?.closest(BOXES);
    if (!box) return;
    picked = button.closest("[data-note-frame]");
    show(box);
  });
})();
