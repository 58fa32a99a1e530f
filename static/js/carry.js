// An item of a list is carried to another place by its handle: with a mouse, a pen or a finger. Escape puts it back.
"use strict";

(() => {
  const EDGE = 90; // px from the window's edge at which it scrolls
  const SPEED = 14; // px a frame

  // The others are moved around it: an item that leaves the page for a moment loses the focus and the pointer.
  /** Let an item stand before or behind another one. */
  function placeBeside(item, other, isBehind) {
    const isAbove = item.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
    const there = () => (isBehind ? item.previousElementSibling : item.nextElementSibling);
    while (there() !== other) {
      if (isAbove) item.before(item.nextElementSibling);
      else item.after(item.previousElementSibling);
    }
  }

  /** The item of a list that an element is in. */
  function itemOf(list, element) {
    let found = element;
    while (found && found.parentElement !== list) found = found.parentElement;
    return found;
  }

  /** Let the pointer carry an item. event: pointerdown on its handle. moved: called where its place is another one. */
  storyreel.carry = (item, event, moved) => {
    if (event.button) return;
    const handle = event.target.closest("[data-handle]");
    const list = item.parentElement;
    const origin = item.nextElementSibling;
    const over = new AbortController();
    const { signal } = over;
    let y = event.clientY;
    let frame = 0;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    item.classList.add("is-dragged");

    function place() {
      const inside = Math.max(0, Math.min(innerHeight - 1, y));
      const under = document.elementsFromPoint(item.getBoundingClientRect().left + 40, inside)
        .map((element) => itemOf(list, element))
        .find((found) => found && found !== item);
      if (!under) return;
      const { top, height } = under.getBoundingClientRect();
      placeBeside(item, under, y >= top + height / 2);
    }

    function scroll() {
      if (!list.isConnected) { // an answer drew the list anew below the pointer, which its handle no longer follows
        end(false);
        return;
      }
      const way = y < EDGE ? -1 : Number(y > innerHeight - EDGE);
      if (way) {
        scrollBy(0, way * SPEED);
        place();
      }
      frame = requestAnimationFrame(scroll);
    }

    function follow(moving) {
      y = moving.clientY;
      place();
    }

    function end(isKept) {
      over.abort();
      cancelAnimationFrame(frame);
      item.classList.remove("is-dragged");
      if (!isKept) list.insertBefore(item, origin);
      else if (item.nextElementSibling !== origin) moved();
    }

    function escape(pressed) {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      end(false);
    }

    frame = requestAnimationFrame(scroll);
    handle.addEventListener("pointermove", follow, { signal });
    handle.addEventListener("pointerup", () => end(true), { signal });
    handle.addEventListener("pointercancel", () => end(false), { signal });
    document.addEventListener("keydown", escape, { signal, capture: true });
  };
})();
