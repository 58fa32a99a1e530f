// Tell when a batch is done: a notification of the browser, asked for once on the page of a batch, and a sound; both
// are off by default. A batch whose page was left while it was on its way is looked after from every other page.
"use strict";

(() => {
  const LOOK_SECONDS = 5;
  const KEYS = { tell: "storyreel-tell", sound: "storyreel-sound", waited: "storyreel-batches" };
  const read = (key) => {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  const write = (key, value) => {
    try { localStorage.setItem(key, value); } catch { /* for this page only, then */ }
  };
  const isOn = (name) => read(KEYS[name]) === "on";
  const may = () => "Notification" in window && Notification.permission === "granted";
  const wants = () => (isOn("tell") && may()) || isOn("sound");

  /** The batches somebody waits for: the address of each one's card, and its title. */
  const waited = () => {
    try { return JSON.parse(read(KEYS.waited) ?? "{}"); } catch { return {}; }
  };
  const wait = (card, title) => write(KEYS.waited, JSON.stringify({ ...waited(), [card]: title }));

  /** Take a batch off the list. Returns whether it was on it: of several windows one tells. */
  function take(card) {
    const { [card]: title, ...others } = waited();
    write(KEYS.waited, JSON.stringify(others));
    return title !== undefined;
  }

  function tell(title, said, card) {
    storyreel.announce(said);
    if (isOn("tell") && may()) {
      try { new Notification(title, { body: said, tag: card }); } catch { /* a phone's browser has none for pages */ }
    }
    if (isOn("sound")) chime();
  }

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

  // --- The page of a batch --------------------------------------------------------------------------------------
  const room = document.querySelector("[data-tell-when-done]");
  const here = room?.dataset.tellWhenDone;
  const batch = () => document.getElementById("batch");

  function begin() {
    const words = room.querySelector("[data-tell-words]");
    const buttons = { tell: room.querySelector("[data-tell]"), sound: room.querySelector("[data-sound]") };
    let wasDone = batch()?.hasAttribute("data-done") ?? true;

    function show() {
      const told = isOn("tell") && may();
      buttons.tell.hidden = !("Notification" in window);
      buttons.tell.setAttribute("aria-pressed", String(told));
      buttons.sound.setAttribute("aria-pressed", String(isOn("sound")));
      const denied = "Notification" in window && Notification.permission === "denied";
      words.textContent = denied ? words.dataset.wordsDenied : told ? words.dataset.wordsOn : words.dataset.wordsAsk;
      if (wasDone || !wants()) take(here);
      else wait(here, document.title);
    }

    const set = (name, on) => {
      write(KEYS[name], on ? "on" : "off");
      show();
    };

    buttons.tell.addEventListener("click", async () => {
      if (isOn("tell") && may()) set("tell", false);
      else set("tell", may() || (await Notification.requestPermission()) === "granted");
    });

    buttons.sound.addEventListener("click", () => {
      set("sound", !isOn("sound"));
      if (isOn("sound")) chime(); // so that one knows what to listen for
    });

    // What is on its way has no need of being told when it has ended already.
    room.hidden = wasDone;
    show();

    document.body.addEventListener("htmx:afterSwap", () => {
      const isDone = batch()?.hasAttribute("data-done") ?? true;
      if (isDone && !wasDone) {
        const said = batch().querySelector("[data-batch-words]").textContent.trim();
        if (take(here) || !wants()) tell(document.title, said, here);
      }
      wasDone = isDone;
      if (isDone && !room.contains(document.activeElement)) room.hidden = true;
    });
  }

  // --- Every other page -----------------------------------------------------------------------------------------
  async function look() {
    for (const [card, title] of Object.entries(waited())) {
      if (card === here) continue; // the page itself looks
      const answer = await fetch(card).catch(() => null);
      if (!answer) continue; // no connection: the next time
      if (!answer.ok || answer.redirected) take(card); // gone, or somebody else is signed in
      else {
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("batch");
        const said = found?.querySelector("[data-batch-words]")?.textContent.trim();
        if (found?.hasAttribute("data-done") && take(card)) tell(title, said, card);
      }
    }
    if (wants()) setTimeout(look, LOOK_SECONDS * 1000);
  }

  if (room) begin();
  look();
})();
