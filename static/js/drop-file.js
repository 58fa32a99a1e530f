// A form of one file: sent when the file is chosen, or dropped anywhere on it.
"use strict";

(() => {
  for (const form of document.querySelectorAll("[data-drop-file]")) {
    const field = form.querySelector("input[type=file]");
    field.addEventListener("change", () => { if (field.files.length) form.requestSubmit(); });
    for (const name of ["dragover", "dragleave", "drop"]) {
      form.addEventListener(name, (event) => {
        event.preventDefault();
        form.classList.toggle("is-over", name === "dragover");
        if (name !== "drop" || !event.dataTransfer.files.length) return;
        field.files = event.dataTransfer.files;
        form.requestSubmit();
      });
    }
  }
})();
