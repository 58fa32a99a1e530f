// The notes of the player: while it stands still, those on the clip that is shown, to go to their frames, and over its
// picture what is drawn on the frame. They are asked for when somebody pauses there, not with all shots of a film.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";

  /** Notes of one player. goTo: is given the frame of the clip's file that a note is on. tell: a sentence. */
  storyreel.playerNotes = (player, goTo, tell) => {
    const surface = player.querySelector(".player__drawing");
    const list = player.querySelector(".player__notes");
    const clips = new Map(); // address: {width, height, notes}, null until they are here
    let [listed, drawn] = ["", ""]; // what is shown now

    // The picture makes room for what is below it while notes are listed: a drawing may be on its lower edge.
    new ResizeObserver(([{ target }]) => player.style.setProperty("--controls", `${target.offsetHeight}px`))
      .observe(list.parentElement);

    /** Begin anew: somebody may have written a note since. */
    const open = () => clips.clear();

    async function load(address) {
      clips.set(address, null);
      try {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(answer.status);
        clips.set(address, await answer.json());
      } catch {
        tell(list.dataset.wordsFailed);
      }
    }

    /** Show what belongs to a frame of the shot's clip, counted from 0 in its file; null while it plays. */
    function follow(shot, frame) {
      const isAsked = frame !== null && Boolean(shot.notes);
      if (isAsked && !clips.has(shot.notes)) load(shot.notes);
      const clip = isAsked ? clips.get(shot.notes) : null;
      const here = clip?.notes.filter((note) => note.frame === frame) ?? [];
      if (listed !== (listed = clip ? shot.notes : "")) write(clip ? clip.notes : [], shot);
      if (drawn === (drawn = clip ? `${shot.notes} ${frame}` : "")) return;
      for (const button of list.querySelectorAll("button")) {
        if (Number(button.dataset.frame) === frame) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
      }
      if (clip) surface.setAttribute("viewBox", `0 0 ${clip.width} ${clip.height}`);
      surface.replaceChildren(...here.flatMap((note) => note.lines).map(pathOf));
    }

    function write(notes, shot) {
      const seen = notes.filter(({ frame }) => frame >= shot.first && frame < shot.first + shot.frames);
      list.replaceChildren(...seen.map((note) => {
        const [item, button] = [document.createElement("li"), document.createElement("button")];
        button.type = "button";
        button.dataset.frame = note.frame;
        button.textContent = note.said;
        button.addEventListener("click", () => goTo(note.frame));
        item.append(button);
        return item;
      }));
      list.hidden = !seen.length;
      player.classList.toggle("is-noted", !list.hidden);
    }

    function pathOf(attributes) {
      const path = document.createElementNS(SVG, "path");
      for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value);
      return path;
    }

    return { open, follow };
  };
})();
