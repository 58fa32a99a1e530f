// A clip frame by frame: steps by button and by key, the number of the frame, the loop. In the dialog there is one; on
// a guest's page each [data-noted] has its own. Not player.js, which plays the whole scene.
"use strict";

(() => {
  const cardOf = (element) => element.closest("[data-noted]") ?? document.getElementById("clip-card");
  const playerOf = (element) => cardOf(element)?.querySelector("[data-frame-player]");
  const frameOf = (video, player) => Math.floor(video.currentTime * Number(player.dataset.rate) + 0.001);

  function step(player, by) {
    const video = player.querySelector("video");
    if (!video.duration) { // nothing of it is here yet
      video.preload = "auto";
      video.addEventListener("loadedmetadata", () => step(player, by), { once: true });
      return;
    }
    const rate = Number(player.dataset.rate);
    const last = Math.round(video.duration * rate) - 1;
    video.pause();
    // Half a frame in: rounding never shows the neighbour.
    video.currentTime = (Math.min(last, Math.max(0, frameOf(video, player) + by)) + 0.5) / rate;
  }

  function showNumber(video) {
    const player = video.closest("[data-frame-player]");
    const words = cardOf(player)?.querySelector("[data-frame-number]");
    if (!words || !video.duration) return;
    const total = Math.round(video.duration * Number(player.dataset.rate));
    const number = Math.min(total, frameOf(video, player) + 1);
    words.textContent = words.textContent.trim().replace(/\d+\/\d+/, `${number}/${total}`);
  }

  for (const name of ["timeupdate", "seeked", "loadedmetadata"]) {
    document.addEventListener(name, (event) => {
      if (event.target.closest?.("[data-frame-player]")) showNumber(event.target);
    }, true);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-frame-step]");
    if (button) step(playerOf(button), Number(button.dataset.frameStep));
    const loop = event.target.closest("[data-loop]");
    if (loop) {
      const video = playerOf(loop).querySelector("video");
      video.loop = !video.loop;
      loop.setAttribute("aria-pressed", String(video.loop));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "," && event.key !== ".") return;
    const player = playerOf(event.target);
    if (!player || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    step(player, event.key === "." ? 1 : -1);
  });
})();
