// Play scene: the clips one after the other, full-bleed, with the script as captions.
// A block without a clip shows its start frame for two seconds, one without that a card with its words.
"use strict";

(() => {
  const player = document.getElementById("player");
  if (!player) return;
  const STILL_SECONDS = 2;
  const CARD_SECONDS = 3;
  const IDLE_SECONDS = 2.5;

  const find = (name) => player.querySelector(name);
  const video = find(".player__video");
  const still = find(".player__still");
  const card = find(".player__card");
  const caption = find(".player__caption");
  const marks = find(".player__marks");
  const toggle = find("[data-player='toggle']");
  const sound = find("[data-player='sound']");

  let shots = [];
  let index = 0;
  let paused = false;
  let shownFor = 0; // seconds a still or card has been shown
  let last = 0;
  let frame = 0;
  let idleSince = 0;
  let opener = null;

  // What is written, in a field for whoever may write.
  const words = (element) => (element?.value ?? element?.innerText ?? "").trim();

  const read = () => [...document.querySelectorAll(".block[data-block]")].map((block) => {
    const { clip, still: picture } = block.querySelector(".film").dataset;
    return {
      clip,
      picture,
      speaker: words(block.querySelector(".block__speaker")),
      words: words(block.querySelector(".block__text")),
      seconds: picture ? STILL_SECONDS : CARD_SECONDS,
    };
  });

  function open(at) {
    shots = read();
    if (!shots.length) return;
    opener = document.activeElement;
    marks.replaceChildren(...shots.map(() => {
      const mark = document.createElement("li");
      mark.append(document.createElement("span"));
      return mark;
    }));
    player.showModal();
    toggle.focus();
    awake();
    show(at);
    last = performance.now();
    frame = requestAnimationFrame(tick);
  }

  function close() {
    cancelAnimationFrame(frame);
    video.pause();
    video.removeAttribute("src");
    video.load();
    opener?.focus();
  }

  function show(at) {
    index = Math.max(0, Math.min(shots.length - 1, at));
    shownFor = 0;
    const shot = shots[index];
    video.hidden = !shot.clip;
    still.hidden = Boolean(shot.clip) || !shot.picture;
    card.hidden = Boolean(shot.clip || shot.picture);
    if (shot.clip) video.src = shot.clip;
    else video.removeAttribute("src");
    if (shot.picture) {
      still.src = shot.picture;
      video.poster = shot.picture; // the frame the clip begins with, until its first bytes are here
    } else video.removeAttribute("poster");
    if (!card.hidden) card.textContent = shot.speaker ? `${shot.speaker}: ${shot.words}` : shot.words;
    writeCaption(card.hidden ? shot : { speaker: "", words: "" });
    find(".player__count").textContent = `${index + 1} / ${shots.length}`;
    setPaused(false);
  }

  function writeCaption(shot) {
    caption.replaceChildren();
    if (shot.speaker) {
      const name = document.createElement("b");
      name.textContent = shot.speaker;
      caption.append(name);
    }
    caption.append(shot.words);
  }

  function setPaused(now) {
    paused = now;
    toggle.classList.toggle("is-off", paused);
    toggle.setAttribute("aria-label", paused ? toggle.dataset.wordsPlay : toggle.dataset.wordsPause);
    if (!shots[index].clip) return;
    if (paused) video.pause();
    else video.play().catch((error) => { if (error.name === "NotAllowedError") setPaused(true); });
  }

  function ended() {
    if (index + 1 < shots.length) show(index + 1);
    else player.close();
  }

  function restart() {
    if (paused && index === shots.length - 1 && video.ended) show(0);
    else setPaused(!paused);
  }

  function tick(now) {
    const passed = Math.min(0.1, (now - last) / 1000);
    last = now;
    const shot = shots[index];
    let share = video.duration ? video.currentTime / video.duration : 0;
    if (!shot.clip) {
      if (!paused) shownFor += passed;
      share = shownFor / shot.seconds;
    }
    [...marks.children].forEach((mark, place) => {
      mark.firstChild.style.setProperty("--done", place < index ? 1 : place > index ? 0 : Math.min(1, share));
    });
    player.classList.toggle("is-idle", !paused && now - idleSince > IDLE_SECONDS * 1000);
    if (!shot.clip && shownFor >= shot.seconds) ended();
    if (player.open) frame = requestAnimationFrame(tick);
  }

  const awake = () => { idleSince = performance.now(); };

  video.addEventListener("ended", ended);
  video.addEventListener("error", () => { if (video.getAttribute("src")) ended(); });
  player.addEventListener("close", close);
  player.addEventListener("pointermove", awake);
  player.addEventListener("focusin", awake);

  const actions = {
    close: () => player.close(),
    previous: () => show(index - 1),
    next: () => ended(),
    toggle: restart,
    sound: () => {
      video.muted = !video.muted;
      sound.classList.toggle("is-off", video.muted);
      sound.setAttribute("aria-pressed", String(video.muted));
    },
  };

  player.addEventListener("click", (event) => {
    awake();
    const button = event.target.closest("[data-player]");
    if (button) actions[button.dataset.player]();
    else if (event.target.closest(".player__stage")) restart();
  });

  // Escape is the dialog's own. Space on a focused button would press that button as well.
  player.addEventListener("keydown", (event) => {
    awake();
    const action = { ArrowLeft: "previous", ArrowRight: "next", " ": "toggle", m: "sound" }[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[action]();
  });

  const button = document.querySelector("[data-play-scene]");
  if (button) {
    button.hidden = !document.querySelector(".block[data-block]");
    button.addEventListener("click", () => open(0));
  }

  document.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-play-block]");
    if (!tile || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const blocks = [...document.querySelectorAll(".block[data-block]")];
    open(blocks.indexOf(tile.closest(".block")));
  });
})();
