// A form of one file: sent when the file is chosen, or dropped anywhere on it.
"use strict";

(() => {
  const formOf = (event) => event.target.closest?.("[data-drop-file]");

  document.addEventListener("change", (event) => {
    const form = formOf(event);
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
