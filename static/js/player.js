// Play a scene or a film: the clips one after the other, over the whole window, with the script as captions. A block
// without a clip shows its start frame, one without that a card with its words, as long as the server says (pacing).
// Lines that no clip says are spoken: player-voices.js. Notes and what is drawn on frames: player-notes.js.
"use strict";

(() => {
  const player = document.getElementById("player");
  if (!player) return;
  const IDLE_SECONDS = 2.5;
  const MOST_MARKS = 60; // more would be thinner than their gaps
  const NOTE_SECONDS = 8;

  const find = (name) => player.querySelector(name);
  const control = (name) => find(`[data-player='${name}']`);
  const video = find(".player__video");
  const still = find(".player__still");
  const card = find(".player__card");
  const caption = find(".player__caption");
  const marks = find(".player__marks");
  const ahead = document.createElement("video"); // what comes next, so that the cut does not wait for it
  ahead.preload = "auto";
  ahead.muted = true;

  const note = find(".player__note");
  const voices = storyreel.playerVoices(tell);
  const notes = storyreel.playerNotes(player, goToFrame, tell);

  let shots = [];
  let index = 0;
  let paused = false;
  let loops = false;
  let shownFor = 0; // seconds a still or card has been shown
  let last = 0;
  let frame = 0;
  let idleSince = 0;
  let opener = null;
  let withVoices = remembered("voices") !== "off";
  let withNotes = remembered("notes") !== "off";
  let noteTimer = 0;
  let asked = 0; // how often the player was to be opened

  function remembered(name) {
    try { return localStorage.getItem(`storyreel-player-${name}`); } catch { return null; }
  }

  function remember(name, on) {
    try {
      localStorage.setItem(`storyreel-player-${name}`, on ? "on" : "off");
    } catch { /* for this page only, then */ }
  }

  function tell(words) {
    note.textContent = words;
    note.hidden = false;
    clearTimeout(noteTimer);
    noteTimer = setTimeout(() => { note.hidden = true; }, NOTE_SECONDS * 1000);
  }

  async function open(url, block) {
    const mine = asked += 1; // of several presses the last one is answered
    let answer, playlist;
    try {
      answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      playlist = await answer.json();
    } catch {
      if (mine !== asked) return;
      const { wordsOffline, wordsFailed } = document.getElementById("toasts").dataset;
      storyreel.toast(answer ? wordsFailed : wordsOffline, "error");
      return;
    }
    if (mine !== asked) return;
    ({ shots } = playlist);
    if (!shots.length) {
      storyreel.toast(player.dataset.wordsEmpty);
      return;
    }
    opener = document.activeElement;
    marks.replaceChildren(...(shots.length > MOST_MARKS ? [0] : shots).map(() => {
      const mark = document.createElement("li");
      mark.append(document.createElement("span"));
      return mark;
    }));
    player.showModal();
    control("toggle").focus();
    note.hidden = true;
    voices.open(playlist);
    notes.open();
    control("notes").hidden = !shots.some((shot) => shot.notes);
    awake();
    show(Math.max(0, shots.findIndex((shot) => shot.block === block)));
    last = performance.now();
    frame = requestAnimationFrame(tick);
  }

  function empty(element) {
    element.pause();
    element.removeAttribute("src"); // else it would go on loading
    element.load();
  }

  function close() {
    cancelAnimationFrame(frame);
    if (document.fullscreenElement) document.exitFullscreen();
    empty(video);
    empty(ahead);
    voices.close();
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
    else empty(video); // the rest of a trimmed clip would play on unseen, and its end would end this shot
    if (shot.first) video.currentTime = secondOf(0); // the browser begins there
    if (shot.picture) still.src = shot.picture;
    // The frame that the clip begins with, until its first bytes are here.
    if (shot.picture && !shot.first) video.poster = shot.picture;
    else video.removeAttribute("poster");
    if (!card.hidden) card.textContent = shot.speaker ? `${shot.speaker}: ${shot.words}` : shot.words;
    writeCaption(card.hidden ? shot : { speaker: "", words: "" });
    find("[data-player-title]").textContent = shot.scene;
    find(".player__count").textContent = `${index + 1} / ${shots.length}`;
    const next = shots[index + 1] ?? (loops ? shots[0] : undefined);
    if (next?.clip) ahead.src = next.clip;
    else if (next?.picture) new Image().src = next.picture;
    if (withVoices) voices.want(shots, index);
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
    const toggle = control("toggle");
    toggle.classList.toggle("is-off", paused);
    toggle.setAttribute("aria-label", paused ? toggle.dataset.wordsPlay : toggle.dataset.wordsPause);
    if (!shots[index].clip) return;
    if (paused) video.pause();
    else video.play().catch((error) => { if (error.name === "NotAllowedError") setPaused(true); });
  }

  const isClipAtRest = () => video.paused || video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  const isAtRest = () => paused || !player.open || (shots[index].clip && isClipAtRest());

  /** How long the shot is that is shown, in seconds: as long as an export has it. */
  const length = () => shots[index].frames / shots[index].rate;

  /** The second of the clip's file that a frame of the shot is at: half a frame in, or rounding shows the neighbour. */
  const secondOf = (number) => (shots[index].first + number + 0.5) / shots[index].rate;

  /** How much of the shot has been seen, in seconds. */
  function seconds() {
    const { clip, first, rate } = shots[index];
    return clip ? Math.max(0, video.currentTime - first / rate) : shownFor;
  }

  const frameNow = () => Math.floor(seconds() * shots[index].rate + 0.001);

  /** Whether the clip's file goes on where the shot is over: a timeline trimmed it. */
  function isTrimmed() {
    const { first, frames, rate } = shots[index];
    return video.duration - (first + frames) / rate > 0.5 / rate;
  }

  /** Pause on a frame of the clip's file. */
  function goToFrame(number) {
    setPaused(true);
    video.currentTime = secondOf(number - shots[index].first);
  }

  function ended() {
    if (index + 1 < shots.length) show(index + 1);
    else if (loops) show(0);
    else player.close();
  }

  function restart() {
    if (paused && index === shots.length - 1 && video.ended) show(0);
    else setPaused(!paused);
  }

  /** Pause, and go by single frames; over the edge of a shot to the one beside it. */
  function step(by) {
    setPaused(true);
    const shot = shots[index];
    const now = frameNow() + by;
    if (now < 0 || now >= shot.frames) {
      const beside = index + by;
      if (beside < 0 || beside >= shots.length) return;
      show(beside);
      setPaused(true);
      if (by < 0) toLastFrame();
      return;
    }
    if (shot.clip) video.currentTime = secondOf(now);
    else shownFor = (now + 0.5) / shot.rate;
  }

  function toLastFrame() {
    const shot = shots[index];
    if (!shot.clip) shownFor = length() - 0.5 / shot.rate;
    else {
      const go = () => { video.currentTime = secondOf(shot.frames - 1); };
      video.addEventListener("loadedmetadata", go, { once: true });
    }
  }

  function tick(now) {
    const passed = Math.min(0.1, (now - last) / 1000);
    last = now;
    const shot = shots[index];
    if (!shot.clip && !paused) shownFor += passed;
    const share = seconds() / length();
    voices.follow(shot, seconds(), length(), withVoices && !video.muted && !isAtRest());
    notes.follow(shot, withNotes && paused && shot.clip ? shot.first + frameNow() : null);
    control("voices").classList.toggle("is-speaking", voices.speaks());
    const all = [...marks.children];
    const [mine, done] = all.length === shots.length ? [index, share] : [0, (index + share) / shots.length];
    all.forEach((mark, place) => {
      mark.firstChild.style.setProperty("--done", place < mine ? 1 : place > mine ? 0 : Math.min(1, done));
    });
    player.classList.toggle("is-idle", !paused && now - idleSince > IDLE_SECONDS * 1000);
    if (!paused && seconds() >= length() && (!shot.clip || isTrimmed())) ended();
    if (player.open) frame = requestAnimationFrame(tick);
  }

  const awake = () => { idleSince = performance.now(); };
  const press = (name, on) => control(name).setAttribute("aria-pressed", String(on));

  video.addEventListener("ended", ended);
  video.addEventListener("error", () => { if (video.getAttribute("src")) ended(); });
  player.addEventListener("close", close);
  player.addEventListener("pointermove", awake);
  player.addEventListener("focusin", awake);
  document.addEventListener("fullscreenchange", () => press("full", Boolean(document.fullscreenElement)));

  const actions = {
    close: () => player.close(),
    previous: () => show(index - 1),
    next: () => ended(),
    back: () => step(-1),
    forward: () => step(1),
    first: () => show(0),
    last: () => show(shots.length - 1),
    toggle: restart,
    captions: () => {
      caption.hidden = !caption.hidden;
      press("captions", !caption.hidden);
    },
    loop: () => {
      loops = !loops;
      press("loop", loops);
    },
    full: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else find(".player__room").requestFullscreen().catch(() => {});
    },
    sound: () => {
      setMuted(!video.muted);
      remember("muted", video.muted);
    },
    voices: () => {
      setVoices(!withVoices);
      remember("voices", withVoices);
      if (withVoices) voices.want(shots, index);
    },
    notes: () => {
      if (control("notes").hidden) return;
      setNotes(!withNotes);
      remember("notes", withNotes);
    },
  };

  function setMuted(now) {
    video.muted = now;
    control("sound").classList.toggle("is-off", now);
    press("sound", now);
  }

  function setVoices(now) {
    withVoices = now;
    press("voices", now);
  }

  function setNotes(now) {
    withNotes = now;
    press("notes", now);
  }

  setMuted(remembered("muted") === "on");
  setVoices(withVoices);
  setNotes(withNotes);

  player.addEventListener("click", (event) => {
    awake();
    const button = event.target.closest("[data-player]");
    if (button) actions[button.dataset.player]();
    else if (event.target.closest(".player__stage")) restart();
  });

  /** The shot whose place in the marks is under the pointer. */
  function shotAt({ clientX }) {
    const { left, width } = marks.getBoundingClientRect();
    const at = Math.floor(((clientX - left) / width) * shots.length);
    return Math.max(0, Math.min(shots.length - 1, at));
  }

  marks.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    marks.setPointerCapture(event.pointerId);
    show(shotAt(event));
  });
  marks.addEventListener("pointermove", (event) => {
    if (marks.hasPointerCapture(event.pointerId) && shotAt(event) !== index) show(shotAt(event));
  });

  const KEYS = {
    ArrowLeft: "previous",
    ArrowRight: "next",
    Home: "first",
    End: "last",
    " ": "toggle",
    ",": "back",
    ".": "forward",
    c: "captions",
    l: "loop",
    f: "full",
    m: "sound",
    v: "voices",
    n: "notes",
  };

  // Escape is the dialog's own. Space on a focused button would press that button as well.
  player.addEventListener("keydown", (event) => {
    awake();
    const action = KEYS[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[action]();
  });

  const button = document.querySelector("[data-play]");
  if (!button) return;
  button.hidden = false; // and css/player.css hides it in a scene of no blocks
  button.addEventListener("click", () => open(button.dataset.play));

  document.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-play-block]");
    if (!tile || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(button.dataset.play, tile.closest(".block").dataset.block);
  });
})();
