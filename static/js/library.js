// The picture of a location or character: chosen, dropped or pasted. One of other sides is shown as it will be cropped,
// and the part that stays is chosen; one that fits is sent at once. The server crops, and says so again.
"use strict";

(() => {
  const NEARLY = 1.01; // as the server: what is less is left
  const SEEN_THROUGH = 128; // of 255
  let chosen = null; // the picture that is being cropped

  const room = () => document.querySelector("[data-picture]");
  const part = (name) => room()?.querySelector(`[data-picture-${name}]`);

  /** What stays of a picture at this focus, 0 to 1: x, y, width and height in its pixels. */
  function kept({ width, height }, shape, focus) {
    if (width > height * shape * NEARLY) {
      const stays = height * shape;
      return { x: (width - stays) * focus, y: 0, width: stays, height };
    }
    const stays = Math.min(height, width / shape);
    return { x: 0, y: (height - stays) * focus, width, height: stays };
  }

  function shape() {
    const [width, height] = room().dataset.shape.split(":").map(Number);
    return width / height;
  }

  /** A figure that was cut out is kept whole. */
  function isCutOut(picture) {
    const small = new OffscreenCanvas(64, 64);
    const pen = small.getContext("2d");
    pen.drawImage(picture, 0, 0, 64, 64);
    const { data } = pen.getImageData(0, 0, 64, 64);
    for (let place = 3; place < data.length; place += 4) if (data[place] < SEEN_THROUGH) return true;
    return false;
  }

  function fits(picture) {
    const sides = picture.width / picture.height;
    if (sides < shape() * NEARLY && sides * NEARLY > shape()) return true;
    return "sparesCutouts" in room().dataset && isCutOut(picture);
  }

  function draw() {
    const form = part("form");
    const canvas = part("crop");
    const { x, y, width, height } = kept(chosen, shape(), form.elements.focus.value / 100);
    canvas.width = Math.min(1600, Math.round(width));
    canvas.height = Math.round(canvas.width / shape());
    canvas.getContext("2d").drawImage(chosen, x, y, width, height, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
    const across = width < chosen.width - 1;
    const [start, whole, rest] = across ? [x, chosen.width, width] : [y, chosen.height, height];
    const percent = (length) => Math.round((100 * length) / whole);
    const words = across ? form.dataset.wordsAcross : form.dataset.wordsDown;
    const end = percent(whole - start - rest);
    part("cut").textContent = words.replace("%(start)s", percent(start)).replace("%(end)s", end);
  }

  function choosing(is) {
    part("form").classList.toggle("is-choosing", is);
    part("cancel").hidden = !is;
    if (!is) part("crop").hidden = true;
  }

  async function take(files) {
    const form = part("form");
    if (!form || !files?.length) return;
    form.elements.picture.files = files;
    form.elements.focus.value = 50;
    try {
      chosen = await createImageBitmap(files[0]);
    } catch {
      chosen = null; // the server says what is wrong with it
    }
    if (!chosen || fits(chosen)) {
      choosing(false);
      form.requestSubmit();
      return;
    }
    choosing(true);
    draw();
    form.elements.focus.focus();
  }

  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-picture-form]") && event.target.type === "file") take(event.target.files);
  });

  document.addEventListener("input", (event) => {
    if (chosen && event.target.closest("[data-picture-focus]")) draw();
    const { unit } = event.target.dataset; // a slider says its number
    if (unit) event.target.labels[0].querySelector("[data-range-value]").textContent = `${event.target.value} ${unit}`;
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-picture-cancel]")) return;
    part("form").reset();
    chosen = null;
    choosing(false);
  });

  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      take(event.clipboardData.files);
    }
  });

  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!part("form") || ![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      room().classList.toggle("is-over", name === "dragover");
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
})();
