// A picture of one's own for a frame: sent when it is chosen, or dropped on the pictures.
"use strict";

(() => {
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-drop]");
    if (box && event.target.files?.length) box.requestSubmit();
  });

  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const box = event.target.closest?.("#clip-stage")?.querySelector("[data-drop]");
      if (!box) return;
      event.preventDefault();
      box.classList.toggle("is-over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      box.elements.image.files = event.dataTransfer.files;
      box.requestSubmit();
    });
  }
})();
