// The progress of a frame or clip, said aloud when its phase changes, not every second.
"use strict";

(() => {
  let said = "";

  function say() {
    const words = document.getElementById("clip-progress")?.dataset.announce ?? "";
    if (words && words !== said) window.storyreel.announce(words);
    said = words;
  }

  document.addEventListener("clip-panel", say);
  document.addEventListener("htmx:afterSettle", say);
})();
