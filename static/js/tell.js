// Tell when a batch is done: a notification of the browser, asked for once, and a sound that is off by default.
"use strict";

(() => {
  const room = document.querySelector("[data-tell-when-done]");
  if (!room) return;
  const words = room.querySelector("[data-tell-words]");
  const buttons = { tell: room.querySelector("[data-tell]"), sound: room.querySelector("[data-sound]") };
  const KEYS = { tell: "storyreel-tell", sound: "storyreel-sound" };
  const isOn = (name) => {
    try { return localStorage.getItem(KEYS[name]) === "on"; } catch { return false; }
  };
  const set = (name, on) => {
    try { localStorage.setItem(KEYS[name], on ? "on" : "off"); } catch { /* for this page only, then */ }
    show();
  };
  const may = () => "Notification" in window && Notification.permission === "granted";

  function show() {
    const told = isOn("tell") && may();
    buttons.tell.hidden = !("Notification" in window);
    buttons.tell.setAttribute("aria-pressed", String(told));
    buttons.sound.setAttribute("aria-pressed", String(isOn("sound")));
    const denied = "Notification" in window && Notification.permission === "denied";
    words.textContent = denied ? words.dataset.wordsDenied : told ? words.dataset.wordsOn : words.dataset.wordsAsk;
  }

  buttons.tell.addEventListener("click", async () => {
    if (isOn("tell") && may()) set("tell", false);
    else if (Notification.permission === "default") set("tell", (await Notification.requestPermission()) === "granted");
    else set("tell", may());
  });

  buttons.sound.addEventListener("click", () => {
    set("sound", !isOn("sound"));
    if (isOn("sound")) chime(); // so that one knows what to listen for
  });

  /** Two soft notes, a fifth apart. */
  function chime() {
    const audio = new AudioContext();
    [587.33, 880].forEach((pitch, place) => {
      const [note, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + place * 0.16];
      note.frequency.value = pitch;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
      note.connect(volume).connect(audio.destination);
      note.start(at);
      note.stop(at + 0.65);
      note.onended = () => { if (place) audio.close(); };
    });
  }

  const batch = () => document.getElementById("batch");
  let wasDone = batch()?.hasAttribute("data-done") ?? true;

  // What is on its way has no need of being told when it has ended already.
  room.hidden = wasDone;
  show();

  document.body.addEventListener("htmx:afterSwap", () => {
    const isDone = batch()?.hasAttribute("data-done") ?? true;
    if (isDone && !wasDone) {
      const said = batch().querySelector("[data-batch-words]").textContent.trim();
      storyreel.announce(said);
      if (isOn("tell") && may()) new Notification(document.title, { body: said, tag: location.pathname });
      if (isOn("sound")) chime();
    }
    wasDone = isDone;
    if (isDone && !room.contains(document.activeElement)) room.hidden = true;
  });
})();
