// The scratch voices of the player: lines that a worker speaks while the player plays, each heard with its own shot.
// player.js says with each picture where it is; a line that comes late is joined where it would be by then.
"use strict";

(() => {
  const AHEAD = 3; // shots whose lines are asked for before they are played
  const KEPT = 24; // lines that are kept to be heard again
  const ASK_AGAIN = 400, SELDOM = 3000; // ms
  const DRIFT = 0.15; // seconds that a voice may be off its picture
  const FADE = 0.25; // seconds at the end of a line that its clip cuts, as in an export

  const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

  /** Voices of one player. tell: is given each sentence about a silent line, once. */
  storyreel.playerVoices = (tell) => {
    const lines = new Map(); // address: {sound, silent}, the latest last
    const told = new Set();
    let context = null;
    let wanted = new Set();
    let lead = 0;
    let cut = "";
    let heard = null; // {source, shot, began}: began is the context's time of the line's first sample

    /** Begin anew. playlist: says how much silence is before a line, in seconds; cut: that one does not fit. */
    function open(playlist) {
      ({ lead, cut } = playlist);
      told.clear();
      lines.clear(); // a line or its voice may have been changed since
      context ??= new AudioContext();
      context.resume();
    }

    function close() {
      stop();
      wanted = new Set();
      context?.suspend();
    }

    function say(words) {
      if (!words || told.has(words)) return;
      told.add(words);
      tell(words);
    }

    /** Ask for the lines of a shot and of those after it. */
    function want(shots, index) {
      stop();
      const near = shots.slice(index, index + 1 + AHEAD);
      wanted = new Set(near.map((shot) => shot.voice).filter(Boolean));
      say(shots[index].silent);
      for (const address of wanted) if (!lines.has(address)) load(address);
      for (const address of lines.keys()) {
        if (lines.size <= KEPT) break;
        if (!wanted.has(address)) lines.delete(address);
      }
    }

    async function load(address) {
      const line = { sound: null, silent: "" };
      lines.set(address, line);
      const isWanted = () => wanted.has(address) && lines.get(address) === line;
      for (let pause = ASK_AGAIN; isWanted(); pause = Math.min(SELDOM, pause * 1.2)) {
        try {
          const answer = await fetch(address);
          if (!answer.ok) return; // it was deleted or taken away: the pictures go on
          if (answer.headers.get("Content-Type") === "audio/wav") {
            line.sound = await context.decodeAudioData(await answer.arrayBuffer());
            return;
          }
          line.silent = (await answer.json()).silent ?? "";
          if (line.silent) return;
        } catch { /* offline: the pictures tell so themselves */ }
        await wait(pause);
      }
      if (lines.get(address) === line) lines.delete(address); // nobody waits for it any more
    }

    /** Let the line of a shot be heard at a second of it, or nothing. seconds: how long the shot is. */
    function follow(shot, at, seconds, isHeard) {
      const line = shot.voice ? lines.get(shot.voice) : undefined;
      if (isHeard) say(line?.silent);
      const sound = line?.sound;
      if (!isHeard || !sound || at < lead || at >= Math.min(seconds, lead + sound.duration)) {
        stop();
        return;
      }
      if (heard?.shot === shot && Math.abs(context.currentTime - heard.began - (at - lead)) < DRIFT) return;
      stop();
      begin(shot, sound, at - lead, seconds - lead);
    }

    function begin(shot, sound, offset, end) {
      const source = context.createBufferSource();
      const gain = context.createGain();
      source.buffer = sound;
      source.connect(gain).connect(context.destination);
      const began = context.currentTime - offset;
      if (sound.duration > end) {
        say(cut);
        gain.gain.setValueAtTime(1, Math.max(context.currentTime, began + end - FADE));
        gain.gain.linearRampToValueAtTime(0, began + end);
      }
      source.start(0, offset);
      heard = { source, shot, began };
    }

    function stop() {
      heard?.source.stop();
      heard = null;
    }

    return { open, close, want, follow, speaks: () => heard !== null };
  };
})();
