// A film's scenes are put in order by carrying their boards. The buttons and the server's words are in the page.
"use strict";

(() => {
  document.addEventListener("pointerdown", (event) => {
    const board = event.target.closest(".boards [data-handle]")?.closest("[data-scene]");
    if (!board) return;
    const list = board.parentElement;
    const origin = board.nextElementSibling;
    storyreel.carry(board, event, async () => {
      const scene = [...list.children].map((item) => item.dataset.scene);
      const values = { scene, moved: board.dataset.scene };
      await htmx.ajax("POST", list.dataset.order, { source: list, target: "#boards", swap: "outerHTML", values });
      if (board.isConnected) list.insertBefore(board, origin); // it was refused: the reason is in a message
    });
  });
})();
