// The list of films: a film's newest clip moves under the pointer or the focus, where motion and data may be spent.
"use strict";

(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  if (still) return;

  function play(poster) {
    const tile = poster.querySelector("[data-clip]");
    if (!tile || tile.querySelector("video")) return;
    const video = Object.assign(document.createElement("video"), { muted: true, loop: true, playsInline: true });
    video.src = tile.dataset.clip;
    video.addEventListener("playing", () => video.classList.add("is-playing"));
    tile.append(video);
    video.play().catch(() => video.remove());
  }

  function rest(poster) {
    poster.querySelector("[data-clip] video")?.remove();
  }

  for (const poster of document.querySelectorAll(".poster")) {
    poster.addEventListener("pointerenter", () => play(poster));
    poster.addEventListener("pointerleave", () => rest(poster));
    poster.addEventListener("focusin", () => play(poster));
    poster.addEventListener("focusout", () => rest(poster));
  }
})();
