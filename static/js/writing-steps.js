// What happens to the lines of a script: saved, split, joined, removed, brought back, put in order, undone, done again.
"use strict";

(() => {
  if (!storyreel.script) return;
  const { script, list, words, lines, copy, same, inOrder, beside, renumber, insert, valuesOf } = storyreel.script;
  const { knowName } = storyreel.script;
  const { person, writing: scene, api, page } = script.dataset;
  const bar = document.getElementById("writing");
  const PAUSE = 600; // ms without a key after which it is saved
  const UNDO_FOR = 10_000; // ms
  const unsaved = new Set();
  const drafts = storyreel.drafts(person, scene, () => storyreel.toast(words.full, "error"));
  const server = storyreel.saving(api, showState);

  // --- The state, in words -------------------------------------------------------------------------------------

  const lacking = ({ kind, speaker, text }) => {
    if (!text.trim()) return words.unwritten;
    return kind === "dialog" && !speaker.trim() ? words.speaker : "";
  };

  function standing() {
    const open = [...unsaved].filter((line) => !line.isGone);
    if (server.trouble) return ["kept", server.trouble === "offline" ? words.offline : words.signedOut];
    if (open.some((line) => line.conflict)) return ["kept", words.choose];
    if (open.some((line) => line.fault)) return ["kept", words.refused];
    if (server.isBusy || open.some((line) => line.timer)) return ["saving", ""];
    const lack = open.filter((line) => !line.isEmpty || line.version).map((line) => lacking(line.values)).find(Boolean);
    if (lack) return ["kept", lack];
    return [open.some((line) => line.isDirty && !line.isEmpty) ? "saving" : "saved", ""];
  }

  function showState() {
    const [state, why] = standing();
    bar.dataset.state = state;
    for (const word of bar.querySelectorAll("[data-state]")) word.hidden = word.dataset.state !== state;
    const reason = bar.querySelector("[data-why]");
    if (reason.textContent !== why) reason.textContent = why;
    reason.hidden = !why;
    bar.querySelector("[data-sign-in]").hidden = server.trouble !== "signed-out";
  }

  function showSteps(canUndo, canRedo) {
    bar.querySelector("[data-history='undo']").hidden = !canUndo;
    bar.querySelector("[data-history='redo']").hidden = !canRedo;
  }

  // --- Saving one line -----------------------------------------------------------------------------------------

  function keep(line) {
    unsaved.add(line);
    const after = beside(line, -1)?.id ?? "";
    drafts.keep(line.id, { ...line.values, version: line.version, after, at: Date.now() });
  }

  /** Something was typed: kept at once, saved after a pause. A name is saved when one leaves it, not half typed. */
  function typed(line) {
    keep(line.touch());
    if (line.conflict) storyreel.conflict.compare(line);
    clearTimeout(line.timer);
    line.timer = document.activeElement === line.name ? 0 : setTimeout(() => save(line), PAUSE);
    showState();
  }

  function save(line) {
    clearTimeout(line.timer);
    line.timer = 0;
    if (line.isGone || (!line.version && line.isEmpty)) return;
    server.add((send) => put(line, send));
  }

  async function put(line, send) {
    if (line.isGone || line.conflict) return;
    const { values: now, step } = line;
    if (line.saved && same(now, line.saved)) {
      line.step = undefined;
      return settled(line);
    }
    if (lacking(now)) return;
    if (line.version) {
      settle(line, now, await send("PATCH", `/blocks/${line.id}`, { version: line.version, step, ...now }));
    } else {
      let answer = await send("POST", "/blocks", { ...now, id: line.id, step, ...placeOf(line) });
      if (answer.document?.errors?.some(({ field }) => field === "after" || field === "before")) {
        answer = await send("POST", "/blocks", { ...now, id: line.id, step });
      }
      settle(line, now, answer);
    }
  }

  function placeOf(line) {
    const all = inOrder();
    const at = all.indexOf(line);
    const before = all.slice(0, at).findLast((other) => other.version);
    if (before) return { after: before.id };
    const behind = all.slice(at + 1).find((other) => other.version);
    return behind ? { before: behind.id } : {};
  }

  function settle(line, now, { status, document: told }) {
    if (status < 300) return took(line, now, told);
    if (status === 409 && told.current && !told.current.removed) {
      if (same(now, valuesOf(told.current))) return took(line, now, told.current);
      storyreel.conflict.show(line, told.current);
    } else if ((status === 404 || told?.current?.removed) && line.version) revive(line);
    else line.say(told?.detail ?? words.refused);
    return undefined;
  }

  /** The server has the line as `now`; more may have been typed since. */
  function took(line, now, { version, notes }) {
    line.version = version;
    line.saved = now;
    line.step = undefined;
    if (line.isGone) return;
    line.say("");
    line.tell(notes);
    showSteps(true, false);
    knowName(now.speaker);
    refreshFilm(line);
    settled(line);
    if (line.isDirty && !line.timer) save(line);
  }

  function settled(line) {
    if (line.isDirty) return keep(line);
    unsaved.delete(line);
    return drafts.drop(line.id);
  }

  /** Show what was made of a block, by somebody else as well, and that its clip says other words now. */
  function refreshFilm(line) {
    const film = line.li.querySelector(".film");
    if (film.hasAttribute("hx-get")) return htmx.trigger(film, "refresh"); // not a new one, nor one that was gone
    // Each place asks for itself: what the page as a whole asks for stands in one queue, which keeps the last only.
    return htmx.ajax("GET", `${page}blocks/${line.id}/state/`, { source: film, target: film, swap: "outerHTML" });
  }

  /** The block was deleted while it was written: the text becomes a new one. said: what the person is told of it. */
  function revive(line, said = words.revived) {
    drafts.drop(line.id);
    const other = insert(line.values, line);
    line.isGone = true;
    unsaved.delete(line);
    const hadFocus = line.li.contains(document.activeElement);
    line.li.remove();
    renumber();
    if (hadFocus) other.focus();
    storyreel.toast(said);
    keep(other);
    save(other);
  }

  // --- Several lines at once -----------------------------------------------------------------------------------

  const sameButText = (line) => line.saved && same({ ...line.values, text: "" }, { ...line.saved, text: "" });

  /** Cut a line at the caret; the rest is a new line of the same kind and speaker. step: as of a line. */
  function split(line, at, step) {
    const { text, ...who } = line.values;
    clearTimeout(line.timer);
    line.timer = 0;
    const other = insert({ ...who, parenthetical: "", text: text.slice(at).trimStart() }, line);
    line.text.value = text.slice(0, at).trimEnd();
    line.grow();
    for (const part of [line, other]) {
      part.step = step;
      keep(part.touch());
    }
    server.add(async (send) => {
      const [now, rest] = [line.values, other.values];
      if (!line.version || line.conflict || !sameButText(line) || lacking(now) || lacking(rest)) {
        save(line);
        save(other);
        return;
      }
      const body = { version: line.version, text: now.text, rest: rest.text, id: other.id, step };
      const answer = await send("POST", `/blocks/${line.id}/split`, body);
      if (answer.status < 300) {
        took(line, now, answer.document[0]);
        took(other, rest, answer.document[1]);
      } else {
        settle(line, now, answer);
        save(other);
      }
    });
    return other;
  }

  /** Join a line to the one before, which gets its text. */
  function join(line, before) {
    const [first, second] = [before.text.value, line.text.value];
    const seam = first && second && !/\s$/.test(first) && !/^\s/.test(second) ? " " : "";
    before.text.value = first + seam + second;
    before.grow();
    keep(before.touch());
    takeOut(line);
    before.focus(before.text, (first + seam).length);
    server.add(async (send) => {
      const now = before.values;
      if (!line.version) return save(before);
      if (before.version && sameButText(before) && !lacking(now)) {
        const body = { into: before.id, version: line.version, intoVersion: before.version, text: now.text };
        const answer = await send("POST", `/blocks/${line.id}/join`, body);
        if (answer.status < 300) return took(before, now, answer.document);
      }
      save(before);
      return send("DELETE", `/blocks/${line.id}`);
    });
  }

  function takeOut(line) {
    clearTimeout(line.timer);
    Object.assign(line, { isGone: true, timer: 0 });
    unsaved.delete(line);
    drafts.drop(line.id);
    line.li.remove();
    renumber();
  }

  /** Remove a line, and offer to bring it back for ten seconds. */
  function remove(line) {
    const before = beside(line, -1);
    const next = before ?? beside(line, 1);
    takeOut(line);
    (next?.text ?? script.querySelector("[data-write]")).focus();
    if (line.isEmpty && !line.version) return;
    const toast = offerBack(line, before);
    server.add(async (send) => {
      if (!line.version || line.isGone === false) return;
      const { status, document: told } = await send("DELETE", `/blocks/${line.id}`);
      if (status < 300 || status === 404 || status === 409) return showSteps(true, false); // gone already, in any case
      toast.remove();
      putBack(line, before);
      storyreel.toast(told?.detail ?? words.refused, "error");
    });
    storyreel.announce(words.removed);
  }

  function putBack(line, before) {
    line.isGone = false;
    if (before?.li.isConnected) before.li.after(line.li);
    else list.prepend(line.li);
    renumber();
    line.focus();
  }

  function offerBack(line, before) {
    const toast = copy("writing-gone").firstElementChild;
    document.getElementById("toasts").append(toast);
    setTimeout(() => toast.remove(), UNDO_FOR);
    toast.querySelector("[data-bring-back]").addEventListener("click", () => {
      toast.remove();
      putBack(line, before);
      storyreel.announce(words.back);
      server.add(async (send) => {
        if (!line.version) return save(line);
        const { status, document: told } = await send("POST", `/blocks/${line.id}/restore`);
        if (status >= 300) return revive(line);
        line.version = told.version;
        return line.isDirty ? save(line) : refreshFilm(line);
      });
    });
    return toast;
  }

  let isOrderWaiting = false;

  /** Save the order in which the lines stand. */
  function order() {
    if (isOrderWaiting) return;
    isOrderWaiting = true;
    const ids = () => ({ blockIds: inOrder().filter((line) => line.version).map((line) => line.id) });
    server.add(async (send) => {
      isOrderWaiting = false; // a move from here on is sent once more
      let answer = await send("PUT", "/blocks/order", ids());
      if (answer.status === 409) {
        await bringIn(send);
        answer = await send("PUT", "/blocks/order", ids());
      }
      if (answer.status < 300) showSteps(true, false);
      else storyreel.toast(answer.document?.detail ?? words.refused, "error");
    });
  }

  /** Put the blocks on the page that others wrote, and take those away that they removed. */
  async function bringIn(send) {
    const { status, document: told } = await send("GET", "");
    if (status >= 300) return;
    const there = new Set(told.blocks.map(({ id }) => id));
    for (const line of inOrder()) {
      if (!line.version || there.has(line.id)) continue;
      if (line.isDirty) revive(line);
      else takeOut(line);
    }
    let before = null;
    for (const block of told.blocks) before = lines.get(block.id) ?? appear(block, before);
  }

  function appear(block, before) {
    const line = insert(valuesOf(block), before, block.id);
    line.version = block.version;
    line.saved = line.values;
    line.tell(block.notes);
    refreshFilm(line);
    return line;
  }

  // --- Back and forth ------------------------------------------------------------------------------------------

  function flush() {
    for (const line of unsaved) save(line);
  }

  /** Undo or redo one step. name: undo or redo. */
  function step(name) {
    flush();
    const at = performance.now();
    server.add(async (send) => {
      const { status, document: told } = await send("POST", `/${name}`);
      if (status >= 300) {
        if (told?.code?.startsWith("nothing_to")) bar.querySelector(`[data-history='${name}']`).hidden = true;
        return storyreel.toast(told?.detail ?? words.refused);
      }
      show(told, at);
      return storyreel.announce(words[name]);
    });
  }

  /** Show what a step has changed. at: when it was asked for, as of a line's touchedAt; what was typed since stays. */
  function show({ blocks, removed, order: ids, canUndo, canRedo }, at) {
    const active = document.activeElement;
    const gone = removed.map((id) => lines.get(id)).filter(Boolean);
    for (const line of gone) (line.touchedAt > at ? revive : takeOut)(line, words.restored);
    for (const block of blocks) {
      const line = lines.get(block.id) ?? appear(block, null);
      Object.assign(line, { isGone: false, version: block.version, saved: valuesOf(block) });
      if (!(line.touchedAt > at)) line.values = line.saved;
      line.tell(block.notes);
      settled(line);
      if (!line.li.isConnected) list.append(line.li);
      refreshFilm(line);
    }
    arrange(ids);
    showSteps(canUndo, canRedo);
    if (active?.isConnected) active.focus({ preventScroll: true });
    else (lines.get(blocks[0]?.id) ?? inOrder()[0])?.focus();
  }

  /** Put the lines in this order; those that are not saved yet stay behind the line they follow. */
  function arrange(ids) {
    const follows = new Map([[null, []]]);
    let above = null;
    for (const line of inOrder()) {
      if (line.version) follows.set((above = line), []);
      else follows.get(above).push(line);
    }
    const wanted = [null, ...ids.map((id) => lines.get(id)).filter((line) => line && !line.isGone)];
    const all = wanted.flatMap((line) => [...(line ? [line] : []), ...(follows.get(line) ?? [])]);
    const now = inOrder();
    if (!all.every((line, index) => now[index] === line)) list.append(...all.map((line) => line.li));
    renumber();
  }

  // --- What was kept when the page was left --------------------------------------------------------------------

  window.addEventListener("pagehide", () => {
    for (const line of unsaved) {
      const now = line.values;
      const isHalfNamed = document.activeElement === line.name; // it would become a character
      if (line.isGone || line.conflict || lacking(now) || isHalfNamed) continue;
      if (line.version) server.throwAfter("PATCH", `/blocks/${line.id}`, { version: line.version, ...now });
      else server.throwAfter("POST", "/blocks", { ...now, id: line.id, ...placeOf(line) });
    }
  });

  function bringBack([id, { version, after, at, ...values }]) {
    const line = lines.get(id);
    if (line && same(values, line.saved)) return drafts.drop(id);
    if (line) {
      line.values = values;
      if (version === line.version) save(line);
      else storyreel.conflict.show(line, { ...line.saved, extension: "", version: line.version });
      unsaved.add(line);
      return storyreel.toast(words.restored);
    }
    drafts.drop(id);
    const other = insert(values, lines.get(after) ?? inOrder().at(-1), version ? undefined : id);
    if (other.isEmpty) return takeOut(other);
    keep(other);
    save(other);
    return storyreel.toast(version ? words.revived : words.restored);
  }

  drafts.all().forEach(bringBack);
  showState();

  storyreel.steps = { typed, save, split, join, remove, order, step, settled, showState };
})();
