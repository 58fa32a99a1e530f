// A page of script that is pasted: cut where its lines are empty, so that each element is a block of its own.
"use strict";

(() => {
  if (!storyreel.steps) return;
  const { list, words, beside, insert, newId } = storyreel.script;
  const { typed, save, split } = storyreel.steps;
  const MOST = 300; // blocks at once; more is a file, which is looked at before it comes in
  const MOST_WORDS = 4; // of a name; longer ones are action in capitals
  const HEADING = /^(int|ext|est|i\/e|e\/i|инт|нат|экст)[. /]/i;
  const CONTINUED = /\s*\((cont['’]?d|continued)\)\s*$/i;
  const ASIDE = /^\((.*)\)$/;

  const action = (text) => ({ kind: "action", speaker: "", parenthetical: "", text });

  function isCue(line) {
    if (line.startsWith("@")) return true;
    const name = line.replace(/\s*\([^()]*\)/g, "");
    const isCapitals = name === name.toUpperCase() && name !== name.toLowerCase();
    return isCapitals && !HEADING.test(line) && !/[.!?:,;…]$/.test(name) && name.split(/\s+/).length <= MOST_WORDS;
  }

  /** Read what stands between two empty lines. A parenthetical inside a line begins another block of its speaker. */
  function read(paragraph) {
    const [first, ...rest] = paragraph;
    if (!rest.length || !isCue(first)) return [action(paragraph.join("\n").replace(/^!/, ""))];
    const speaker = first.replace(/^@/, "").replace(/\s*\^$/, "").replace(CONTINUED, "");
    const said = [];
    for (const line of rest) {
      const aside = ASIDE.exec(line);
      const last = said.at(-1);
      if (aside && !(last && !last.text)) said.push({ kind: "dialog", speaker, parenthetical: aside[1], text: "" });
      else if (last) last.text += last.text ? `\n${line}` : line;
      else said.push({ kind: "dialog", speaker, parenthetical: "", text: line });
    }
    return said.every(({ text }) => text) ? said : [action(paragraph.join("\n"))];
  }

  /** Return the blocks of a text. */
  function blocksOf(text) {
    const paragraphs = [[]];
    for (const line of text.split(/\r\n?|\n|\f/).map((whole) => whole.trim())) {
      if (line) paragraphs.at(-1).push(line);
      else if (paragraphs.at(-1).length) paragraphs.push([]);
    }
    return paragraphs.filter(({ length }) => length).flatMap(read);
  }

  /** Make room at the caret. Returns the line behind which the blocks go; null: before all. step: as of a line. */
  function openAt(line, field, step) {
    if (field !== line.text) return line;
    const { value, selectionStart: start, selectionEnd: end } = field;
    const [before, after] = [value.slice(0, start).trim(), value.slice(end).trim()];
    if (start !== end) field.setRangeText("", start, end, "end");
    if (!before && after) return beside(line, -1) ?? null;
    if (before && after) split(line, start, step);
    else field.value = before;
    line.grow();
    if (line.isDirty) {
      line.step = step;
      typed(line);
    }
    return line;
  }

  function take(line, field, [first, ...rest]) {
    const step = newId(); // Undo takes all of it back at once
    let last = openAt(line, field, step);
    const isFree = last === line && !line.text.value.trim() && (line.isEmpty || field === line.text);
    const isSaid = first.kind === "action" && line.values.speaker.trim(); // by who stands above it already
    if (isFree) line.values = isSaid ? { ...line.values, text: first.text } : first;
    else last = insert(first, last);
    const pasted = [last];
    for (const values of rest) pasted.push(insert(values, pasted.at(-1)));
    for (const part of pasted) {
      part.step = step;
      typed(part);
      save(part);
    }
    pasted.at(-1).focus();
  }

  list.addEventListener("paste", (event) => {
    const line = event.target.closest?.(".block")?.line;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!line || !/[\r\n]/.test(text.trim())) return;
    const blocks = blocksOf(text);
    if (blocks.length === 1 && blocks[0].kind === "action" && event.target === line.text) return; // as it is
    event.preventDefault();
    if (blocks.length > MOST) {
      storyreel.toast(words.tooMuch.replace("COUNT", blocks.length), "error");
      return;
    }
    take(line, event.target, blocks);
    const isWholeScript = blocks.some((block) => block.kind === "action" && HEADING.test(block.text));
    const said = words.pasted.replace("COUNT", blocks.length);
    storyreel.toast(isWholeScript ? `${said} ${words.pastedHeading}` : said);
  });
})();
