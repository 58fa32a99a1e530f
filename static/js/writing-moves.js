// Blocks are moved: by the handle, with the pointer, or one place at a time, with words for who does not see it.
"use strict";

(() => {
  if (!storyreel.steps) return;
  const { list, words, inOrder, beside, renumber } = storyreel.script;
  const EDGE = 90; // px from the window's edge at which it scrolls
  const SPEED = 14; // px a frame

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

  /** Let a block stand before or behind another one. */
  function carryTo(li, other, isBehind) {
    const isAbove = li.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
    const there = () => (isBehind ? li.previousElementSibling : li.nextElementSibling);
    while (there() !== other) {
      if (isAbove) li.before(li.nextElementSibling);
      else li.after(li.previousElementSibling);
    }
  }

  /** Let the pointer carry a line. event: pointerdown on its handle. */
  function drag(line, event) {
    const handle = event.target.closest("[data-handle]");
    const origin = line.li.nextElementSibling;
    const number = line.number;
    let y = event.clientY;
    let frame = 0;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    line.li.classList.add("is-dragged");

    function place() {
      const inside = Math.max(0, Math.min(innerHeight - 1, y));
      const under = document.elementsFromPoint(line.li.getBoundingClientRect().left + 40, inside)
        .map((element) => element.closest?.(".block"))
        .find((li) => li?.line && li !== line.li && li.parentElement === list);
      if (!under) return;
      const { top, height } = under.getBoundingClientRect();
      carryTo(line.li, under, y >= top + height / 2);
    }

    function scroll() {
      const way = y < EDGE ? -1 : Number(y > innerHeight - EDGE);
      if (way) {
        scrollBy(0, way * SPEED);
        place();
      }
      frame = requestAnimationFrame(scroll);
    }

    function carry(moving) {
      y = moving.clientY;
      place();
    }

    function end(isKept) {
      cancelAnimationFrame(frame);
      line.li.classList.remove("is-dragged");
      handle.removeEventListener("pointermove", carry);
      document.removeEventListener("keydown", escape, true);
      if (!isKept) list.insertBefore(line.li, origin);
      if (line.number !== number) moved(line);
    }

    function escape(pressed) {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      end(false);
    }

    frame = requestAnimationFrame(scroll);
    handle.addEventListener("pointermove", carry);
    handle.addEventListener("pointerup", () => end(true), { once: true });
    handle.addEventListener("pointercancel", () => end(false), { once: true });
    document.addEventListener("keydown", escape, true);
  }

  storyreel.moves = { move, drag, said };
})();
