// The line on which feet stand in a location's picture: drawn over it, dragged there or moved by the slider beside it.
"use strict";

(() => {
  const line = () => document.querySelector("[data-ground-line]");
  const fields = () => document.getElementById("item-words").elements;

  function draw() {
    const { ground_line: slider, has_ground_line: box } = fields();
    if (!slider) return;
    document.querySelector("output[for='id_ground_line']").value = `${slider.value} %`;
    slider.disabled = !box.checked;
    line()?.toggleAttribute("hidden", !box.checked);
    for (const part of line()?.children ?? []) {
      part.setAttribute("y1", slider.value);
      part.setAttribute("y2", slider.value);
    }
  }

  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-ground]")) draw();
  });

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const { top, height } = line().getBoundingClientRect();
    const over = new AbortController();
    grip.addEventListener("pointermove", ({ clientY }) => {
      fields().ground_line.value = Math.round((100 * (clientY - top)) / height); // the slider keeps it inside
      draw();
    }, { signal: over.signal });
    for (const end of ["pointerup", "pointercancel"]) {
      grip.addEventListener(end, () => over.abort(), { signal: over.signal });
    }
  });

  // Browsers heed no touch-action of a line of an svg: the page would scroll instead.
  document.addEventListener("touchstart", (event) => {
    if (event.target.closest("[data-grip]")) event.preventDefault();
  }, { passive: false });

  document.body.addEventListener("htmx:afterSettle", draw);
  draw();
})();
