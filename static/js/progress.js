// The progress of a frame or clip, said aloud when its phase changes, not every second. Its bar never goes back.
"use strict";

(() => {
  let said = "";

  function say() {
    const words = document.getElementById("clip-progress")?.dataset.announce ?? "";
    if (words && words !== said) window.storyreel.announce(words);
    said = words;
  }

  // An estimate that turns out too low makes the share that is done smaller: the bar waits until it is true again.
  let farthest = 0;
  let row = "";

  function advance() {
    const bar = document.querySelector("#clip-progress progress[value]");
    if (!bar) return;
    if (bar.dataset.row !== row) farthest = 0;
    row = bar.dataset.row;
    farthest = Math.max(farthest, bar.value);
    bar.value = farthest;
  }

  for (const name of ["clip-panel", "htmx:afterSettle"]) {
    document.addEventListener(name, () => {
      say();
      advance();
    });
  }
})();
