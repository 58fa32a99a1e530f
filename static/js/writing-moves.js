// Blocks are moved: by the handle, with the pointer, or one place at a time, with words for who does not see it.
"use strict";

(() => {
  if (!storyreel.steps) return;
  const { list, words, inOrder, beside, renumber } = storyreel.script;

  const said = (sentence, line) => (
    sentence.replace("NUMBER", line.number).replace("COUNT", inOrder().length)
  );

  // The others are moved around it: a block that leaves the page for a moment loses the focus and the pointer.
  /** Move a line one place up (-1) or down (1). */
  function move(line, way) {
    const other = beside(line, way);
    if (!other) return storyreel.announce(way < 0 ? words.first : words.last);
    if (way < 0) line.li.after(other.li);
    else line.li.before(other.li);
    line.li.scrollIntoView({ block: "nearest" });
    return moved(line);
  }

  function moved(line) {
    renumber();
    storyreel.announce(said(words.moved, line));
    storyreel.steps.order();
  }

  /** Let the pointer carry a line. event: pointerdown on its handle. */
  function drag(line, event) {
    storyreel.carry(line.li, event, () => moved(line));
  }

  storyreel.moves = { move, drag, said };
})();
