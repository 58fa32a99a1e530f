// A form of one file: sent when the file is chosen, or dropped on it; in the clip's dialog, anywhere on its pictures.
"use strict";

(() => {
  function formOf(event) {
    const place = event.target.closest?.("[data-drop-file], #clip-stage");
    return place?.id === "clip-stage" ? place.querySelector("[data-drop-file]") : place;
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-drop-file]");
    if (form && event.target.files?.length) form.requestSubmit();
  });

  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = formOf(event);
      if (!form) return;
      event.preventDefault();
      form.classList.toggle("is-over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      form.querySelector("input[type=file]").files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }
})();
