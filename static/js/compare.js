// Two takes with one transport: they play, step and are moved through together. The longer one leads; the shorter one
// waits on its last frame. One of them is chosen: keys say of that one what it is worth. Without this script each has
// its own controls.
"use strict";

(() => {
  const box = document.querySelector("[data-compare]");
  if (!box) return;
  const videos = [...box.querySelectorAll("video")];
  const rate = Number(box.dataset.rate);
  const part = (name) => box.querySelector(`[data-${name}]`);
  const scrub = part("scrub");
  const MOST_APART = 0.06; // seconds before the follower is put right; less is not seen

  /** Kept once the lengths of both are known. */
  const ready = Promise.all(videos.map((video) => new Promise((known) => {
    if (video.readyState) known();
    else video.addEventListener("loadedmetadata", known, { once: true });
  })));
  const leader = () => (videos[0].duration >= videos[1].duration ? videos[0] : videos[1]);
  const follower = () => videos.find((video) => video !== leader());
  const total = () => Math.max(1, Math.round(leader().duration * rate));
  const frame = () => Math.min(total() - 1, Math.floor(leader().currentTime * rate + 0.001));
  const isPlaying = () => !leader().paused && !leader().ended;

  function show() {
    const words = scrub.dataset.words.replace("{number}", frame() + 1).replace("{total}", total());
    scrub.max = total() - 1;
    scrub.value = frame();
    scrub.setAttribute("aria-valuetext", words);
    part("frame").textContent = words;
    part("play").setAttribute("aria-pressed", String(isPlaying()));
    part("when-paused").hidden = isPlaying();
    part("when-playing").hidden = !isPlaying();
  }

  function goTo(number) {
    const wanted = Math.min(total() - 1, Math.max(0, number));
    for (const video of videos) {
      video.pause();
      // Half a frame in: rounding never shows the neighbour.
      video.currentTime = Math.min((wanted + 0.5) / rate, video.duration - 0.5 / rate);
    }
  }

  function follow() {
    if (!isPlaying()) return;
    const [first, second] = [leader(), follower()];
    const isOver = first.currentTime >= second.duration;
    if (!isOver && Math.abs(first.currentTime - second.currentTime) > MOST_APART) {
      second.currentTime = first.currentTime;
    }
    show();
    requestAnimationFrame(follow);
  }

  function play() {
    if (isPlaying()) {
      goTo(frame());
      return;
    }
    if (leader().ended || frame() === total() - 1) for (const video of videos) video.currentTime = 0;
    for (const video of videos) if (leader().currentTime < video.duration) video.play();
  }

  function hear(side) {
    for (const video of videos) video.muted = video.dataset.side !== side;
    for (const button of box.querySelectorAll("[data-hear]")) {
      button.setAttribute("aria-pressed", String(button.dataset.hear === side));
    }
  }

  function begin() {
    for (const video of videos) {
      video.controls = false;
      for (const name of ["play", "pause", "ended", "seeked"]) video.addEventListener(name, show);
    }
    for (const video of videos) video.addEventListener("play", follow);
    part("transport").hidden = false;
    show();
  }

  box.addEventListener("click", (event) => {
    const { step, hear: side } = event.target.closest("[data-step], [data-hear]")?.dataset ?? {};
    if (step) goTo(frame() + Number(step));
    if (side) hear(side);
    if (event.target.closest("[data-play], video")) play();
  });
  scrub.addEventListener("input", () => goTo(Number(scrub.value)));

  // --- What is said of them, and what was drawn on their frames --------------------------------------------------

  const sides = [...box.querySelectorAll("[data-compared]")];
  const chosen = () => sides.find((side) => side.hasAttribute("data-chosen"));

  function choose(side) {
    for (const other of sides) other.toggleAttribute("data-chosen", other === side);
  }

  function press(key) {
    const button = chosen().querySelector(`[data-review-key="${key}"]`);
    // A second press by key takes nothing back: an approval would be lost by a slip of the finger.
    const isDone = "ar".includes(key) && button?.getAttribute("aria-pressed") === "true";
    if (button && !button.disabled && !isDone) button.click();
  }

  box.addEventListener("focusin", (event) => {
    const side = event.target.closest("[data-compared]");
    if (side) choose(side);
  });
  box.addEventListener("pointerdown", (event) => {
    const side = event.target.closest("[data-compared]");
    if (side) choose(side);
  });

  let picked = null; // a note whose drawing is shown

  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go-to-frame]");
    if (!button) return;
    picked = button.closest("[data-note-frame]");
    const seconds = (Number(button.dataset.goToFrame) + 0.5) / Number(button.closest("[data-compared]").dataset.rate);
    part("compared").querySelector("video").scrollIntoView({ block: "nearest" }); // far above on a phone
    ready.then(() => {
      goTo(Math.floor(seconds * rate));
      showDrawings();
    });
  });

  function showDrawings() {
    for (const side of sides) {
      const video = side.querySelector("video");
      const at = Math.floor(video.currentTime * Number(side.dataset.rate) + 0.001);
      const isShown = picked && side.contains(picked) && Number(picked.dataset.noteFrame) === at && video.paused;
      const lines = isShown ? [...picked.querySelectorAll("[data-lines] path")] : [];
      side.querySelector("[data-drawing]").replaceChildren(...lines.map((line) => line.cloneNode()));
    }
  }

  for (const video of videos) {
    for (const name of ["seeked", "play", "timeupdate"]) video.addEventListener(name, showDrawings);
  }
  choose(sides[0]);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
    if (event.repeat && event.key !== "," && event.key !== ".") return;
    if (event.target.closest("button, a, input:not([type='range'])") && event.key === " ") return;
    if (event.key === " ") ready.then(play);
    else if (event.key === ",") ready.then(() => goTo(frame() - 1));
    else if (event.key === ".") ready.then(() => goTo(frame() + 1));
    else if (event.key === "1" || event.key === "2") choose(sides[Number(event.key) - 1]);
    else if ("arsl".includes(event.key.toLowerCase())) press(event.key.toLowerCase());
    else return;
    event.preventDefault();
  });

  ready.then(begin);
})();
