// The lines of a script as fields: each block is a place to write, which looks as the text does.
"use strict";

(() => {
  const script = document.querySelector("[data-writing]");
  if (!script) return;

  const list = script.querySelector(".script__blocks");
  const words = document.getElementById("writing-words").dataset;
  const lines = new Map(); // id: line
  const copy = (id) => document.getElementById(id).content.cloneNode(true);

  /** An id of our own. (crypto.randomUUID is there on secure pages only.) */
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] % 16) + 64;
    bytes[8] = (bytes[8] % 64) + 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /**
   * A block of the page with its fields. saved: what the server has of it; null before it was saved. step: the id of
   * what Undo takes back together with its next change. touchedAt: when it was last changed here, in ms of the page.
   */
  class Line {
    constructor(li, id, version) {
      Object.assign(this, { li, id, version, saved: null, timer: 0, conflict: null, fault: "", step: undefined });
      this.touchedAt = 0;
      const place = li.querySelector(".block__script");
      const told = { name: "", aside: "", text: "" };
      if (version) {
        told.name = place.querySelector(".block__speaker")?.textContent ?? "";
        told.aside = place.querySelector(".block__aside")?.textContent.slice(1, -1) ?? "";
        told.text = place.querySelector(".block__text").textContent;
      }
      const notes = place.querySelector(".block__notes");
      place.replaceChildren(copy("writing-fields"), ...(notes ? [notes] : []));
      this.name = place.querySelector(".block__speaker");
      this.asideBox = place.querySelector(".block__aside");
      this.aside = this.asideBox.querySelector("input");
      this.text = place.querySelector(".block__text");
      this.why = place.querySelector(".block__fault");
      this.why.id = `fault-${id}`;
      this.values = {
        kind: li.classList.contains("block--dialog") ? "dialog" : "action",
        speaker: told.name,
        parenthetical: told.aside,
        text: told.text,
      };
      if (version) this.saved = this.values;
      lines.set(id, this);
      li.line = this;
    }

    get kind() { return this.li.classList.contains("block--dialog") ? "dialog" : "action"; }

    get values() {
      const isDialog = this.kind === "dialog";
      return {
        kind: this.kind,
        speaker: isDialog ? this.name.value : "",
        parenthetical: isDialog ? this.aside.value : "",
        text: this.text.value,
      };
    }

    set values({ kind, speaker, parenthetical, text }) {
      this.setKind(kind);
      this.name.value = speaker;
      this.aside.value = parenthetical;
      this.asideBox.hidden = kind !== "dialog" || !parenthetical;
      this.text.value = text;
      this.grow();
    }

    setKind(kind) {
      this.li.classList.toggle("block--dialog", kind === "dialog");
      this.li.classList.toggle("block--action", kind === "action");
      this.text.classList.toggle("block__line", kind === "dialog");
      this.text.parentElement.classList.toggle("block__grow--line", kind === "dialog");
      this.name.hidden = kind !== "dialog";
      if (kind !== "dialog") this.asideBox.hidden = true;
    }

    touch() {
      this.touchedAt = performance.now();
      return this;
    }

    /** Let the fields be as large as what is in them, where the browser does not do so by itself. */
    grow() {
      this.text.parentElement.dataset.text = this.text.value;
      this.aside.size = Math.max(6, this.aside.value.length + 1);
    }

    get isEmpty() {
      const { speaker, text } = this.values;
      return !speaker.trim() && !text.trim();
    }

    get isDirty() { return !this.saved || !same(this.values, this.saved); }

    get number() { return inOrder().indexOf(this) + 1; }

    say(fault) {
      this.fault = fault;
      this.why.textContent = fault;
      this.why.hidden = !fault;
      for (const field of [this.name, this.text]) {
        field.toggleAttribute("aria-invalid", Boolean(fault));
        if (fault) field.setAttribute("aria-describedby", this.why.id);
        else field.removeAttribute("aria-describedby");
      }
    }

    /** Show the script's notes on the block; empty: none. */
    tell(notes) {
      const place = this.li.querySelector(".block__script");
      let box = place.querySelector(".block__notes");
      let note = box?.querySelector("[data-note]");
      if (!notes) {
        note?.remove();
        if (!box?.childElementCount) box?.remove();
        return;
      }
      if (!box) {
        box = document.createElement("div");
        box.className = "block__notes";
        place.append(box);
      }
      if (!note) {
        box.append(copy("writing-note"));
        note = box.querySelector("[data-note]");
      }
      note.querySelector("span").textContent = notes;
    }

    focus(field = this.text, at = field.value.length) {
      field.focus();
      field.setSelectionRange(at, at);
    }
  }

  const same = (one, other) => ["kind", "speaker", "parenthetical", "text"].every((name) => one[name] === other[name]);
  const inOrder = () => [...list.children].map((li) => li.line).filter(Boolean);
  const beside = (line, way) => inOrder()[inOrder().indexOf(line) + way];

  /** Number the blocks, and name their fields by their numbers. */
  function renumber() {
    inOrder().forEach((line, index) => {
      const number = index + 1;
      if (line.shownNumber === number) return;
      line.shownNumber = number;
      for (const shown of line.li.querySelectorAll(".block__number, [data-number]")) shown.textContent = number;
      line.text.setAttribute("aria-label", words.text.replace("NUMBER", number));
      line.name.setAttribute("aria-label", words.named.replace("NUMBER", number));
    });
    const empty = list.querySelector("[data-empty]");
    if (empty) empty.hidden = inOrder().length > 0;
  }

  /** Insert a line behind another, or as the first where `after` is null. */
  function insert(values, after, id = newId()) {
    const li = copy("writing-line").firstElementChild;
    li.id = `block-${id}`;
    li.dataset.block = id;
    li.querySelector(".film").id = `block-state-${id}`;
    const line = new Line(li, id, 0);
    line.values = values;
    if (after) after.li.after(li);
    else list.prepend(li);
    renumber();
    return line;
  }

  const bareName = (name) => name.replace(/\s*\([^()]*\)$/, "").trim();

  /** Offer a name that was typed here, as long as somebody speaks as it: one that was a slip goes. */
  function knowName(name) {
    const names = document.getElementById("cast-names");
    const spoken = new Set(inOrder().map((line) => bareName(line.values.speaker).toLowerCase()));
    for (const option of names.querySelectorAll("[data-typed]")) {
      if (!spoken.has(option.value.toLowerCase())) option.remove();
    }
    const bare = bareName(name);
    if (!bare || [...names.options].some(({ value }) => value.toLowerCase() === bare.toLowerCase())) return;
    const option = new Option("", bare);
    option.dataset.typed = "";
    names.append(option);
  }

  for (const li of list.querySelectorAll("[data-version]")) {
    new Line(li, li.dataset.block, Number(li.dataset.version));
  }
  renumber();
  script.classList.add("is-written");

  /** Convert a block of the API to the values of a line. */
  const valuesOf = ({ kind, speaker, extension, parenthetical, text }) => ({
    kind, parenthetical, text, speaker: extension ? `${speaker} (${extension})` : speaker ?? "",
  });

  storyreel.script = {
    script, list, words, lines, copy, same, inOrder, beside, renumber, insert, valuesOf, knowName, newId,
  };
})();
