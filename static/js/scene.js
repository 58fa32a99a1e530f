// The scene page: clips that play under the pointer, and words for those who do not see a state change.
"use strict";

(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const look = ({ dataset }) => `${dataset.state} ${dataset.clip} ${dataset.still}`;
  const looks = new Map([...document.querySelectorAll(".film")].map((film) => [film.id, look(film)]));

  // A fragment came back: say what changed, and let the counters count again.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const film = document.getElementById(event.detail.elt.id);
    if (!film?.matches(".film")) return;
    const before = looks.get(film.id);
    if (before === look(film)) return;
    looks.set(film.id, look(film));
    if (before) storyreel.announce(film.dataset.words); // a block that was just written has nothing to tell
    const counts = document.getElementById("counts");
    if (counts) htmx.trigger(counts, "refresh");
  });

  function preview(tile) {
    if (calm.matches || tile.querySelector("video")) return;
    const video = document.createElement("video");
    Object.assign(video, { src: tile.href, muted: true, loop: true, playsInline: true });
    video.setAttribute("aria-hidden", "true");
    video.tabIndex = -1;
    video.addEventListener("playing", () => tile.classList.add("is-previewing"), { once: true });
    tile.querySelector("img").after(video);
    video.play().catch(() => rest(tile));
  }

  function rest(tile) {
    tile.classList.remove("is-previewing");
    const video = tile.querySelector("video");
    if (!video) return;
    video.removeAttribute("src"); // a removed element would go on loading
    video.load();
    video.remove();
  }

  const acts = { pointerover: preview, focusin: preview, pointerout: rest, focusout: rest };
  for (const [type, act] of Object.entries(acts)) {
    document.addEventListener(type, (event) => {
      const tile = event.target.closest?.("[data-play-block]");
      if (tile && !tile.contains(event.relatedTarget) && event.pointerType !== "touch") act(tile);
    });
  }

  // A disabled film icon does nothing, but says why to whoever presses it.
  document.addEventListener("click", (event) => {
    const disabled = event.target.closest("[aria-disabled='true'][aria-describedby]");
    if (!disabled) return;
    event.preventDefault();
    storyreel.announce(document.getElementById(disabled.getAttribute("aria-describedby")).textContent.trim());
  });
})();
