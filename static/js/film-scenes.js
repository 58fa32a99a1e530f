// A film's scenes are put in order by carrying their boards. The buttons and the server's words are in the page.
"use strict";

(() => {
  let before = Promise.resolve(); // the answer to the order before: it brings the list anew

  document.addEventListener("pointerdown", (event) => {
    const board = event.target.closest(".boards [data-handle]")?.closest("[data-scene]");
    if (!board) return;
    const list = board.parentElement;
    const origin = board.nextElementSibling;
    storyreel.carry(board, event, () => {
      const scene = [...list.children].map((item) => item.dataset.scene);
      const values = { scene, moved: board.dataset.scene };
      before = before.then(() => send(values)).finally(() => {
        if (board.isConnected) list.insertBefore(board, origin); // it was refused: the reason is in a message
      });
    });
  });

  async function send(values) {
    const source = document.querySelector(".boards[data-order]");
    const place = { source, target: "#boards", swap: "outerHTML" };
    // Without a connection nothing comes; requests.js says so.
    await htmx.ajax("POST", source.dataset.order, { ...place, values }).catch(() => {});
  }
})();
