// The clip in the dialog, frame by frame: steps by button and by key, the number of the frame, the loop.
// Not player.js, which plays the whole scene.
"use strict";

(() => {
  const player = () => document.querySelector("#clip-card [data-frame-player]");
  const rate = () => Number(player().dataset.rate);

  function frameOf(video) {
    return Math.floor(video.currentTime * rate() + 0.001);
  }

  function step(by) {
    const video = player().querySelector("video");
    const last = Math.round(video.duration * rate()) - 1;
    video.pause();
    // Half a frame in: rounding never shows the neighbour.
    video.currentTime = (Math.min(last, Math.max(0, frameOf(video) + by)) + 0.5) / rate();
  }

  function showNumber(video) {
    const words = document.querySelector("[data-frame-number]");
    if (!words || !video.duration) return;
    const total = Math.round(video.duration * rate());
    const number = Math.min(total, frameOf(video) + 1);
    words.textContent = words.textContent.trim().replace(/\d+\/\d+/, `${number}/${total}`);
  }

  for (const name of ["timeupdate", "seeked", "loadedmetadata"]) {
    document.addEventListener(name, (event) => {
      if (event.target.closest?.("[data-frame-player]")) showNumber(event.target);
    }, true);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-frame-step]");
    if (button) step(Number(button.dataset.frameStep));
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
    step(event.key === "." ? 1 : -1);
  });
})();
