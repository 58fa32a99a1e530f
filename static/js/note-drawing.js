// Drawing on the paused frame of a take, for a note: with mouse, finger or pen. Points are sent, in parts of the
// picture; the server makes the lines that are kept of them (videogen/strokes.py). notes-drawn.js shows these.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const FINEST = 0.002; // between two points of a stroke, in parts of the picture; the server's places are finer
  const STRAIGHT = 0.001; // how far a point may lie beside a straight line and be left out
  const LONGEST = 0.02; // between two points that are kept, so that corners stay corners
  const [LEVELS, PLAIN] = [6, 0.5]; // of pressure, as the server has them

  const card = () => document.getElementById("clip-card");
  const part = (name) => card()?.querySelector(`[data-${name}]`);
  const form = () => card().querySelector("[data-note-text]").form;

  let surface = null; // what is drawn on; of another stage than the one that is shown, nothing is drawn
  let strokes = [];
  let current = null;
  let color = "red";
  const isOn = () => Boolean(surface?.isConnected);

  // --- Lines, as videogen/strokes.py makes them -------------------------------------------------------------------

  function levelOf([, , pressure]) {
    return Math.round((pressure ?? PLAIN) * LEVELS) / LEVELS;
  }

  function drawn(stroke) {
    const { width, height } = surface.viewBox.baseVal;
    const places = stroke.points.map(([x, y]) => [x * width, y * height]);
    const middles = places.slice(1).map(([x, y], at) => [(x + places[at][0]) / 2, (y + places[at][1]) / 2]);
    const group = document.createElementNS(SVG, "g");
    let line = null;
    stroke.points.forEach((point, at) => {
      const [start, bend, end] = [middles[at - 1] ?? places[0], places[at], middles[at] ?? places.at(-1)];
      const level = levelOf(point);
      if (line?.level !== level) {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("stroke", part(`ink-color="${stroke.color}"`).querySelector("circle").getAttribute("fill"));
        path.setAttribute("stroke-width", Number(surface.dataset.strokeWidth) * (0.4 + 1.2 * level));
        group.append(path);
        line = { level, path, words: `M${start.join(" ")}` };
      }
      line.words += `Q${bend.join(" ")} ${end.join(" ")}`;
      line.path.setAttribute("d", line.words);
    });
    return group;
  }

  /** Leave out what a smooth line does not need (Ramer, Douglas, Peucker), but no corner and no change of pressure. */
  function simplified(points) {
    const [first, last] = [points[0], points.at(-1)];
    const [dx, dy] = [last[0] - first[0], last[1] - first[1]];
    const length = Math.hypot(dx, dy);
    let [farthest, most] = [0, STRAIGHT];
    for (let at = 1; at < points.length - 1; at += 1) {
      const [x, y] = [points[at][0] - first[0], points[at][1] - first[1]];
      const beside = length ? Math.abs(x * dy - y * dx) / length : Math.hypot(x, y);
      if (beside > most) [farthest, most] = [at, beside];
    }
    if (!farthest && points.length > 2) {
      const isShort = length <= LONGEST && points.every((point) => levelOf(point) === levelOf(first));
      if (!isShort) farthest = Math.floor(points.length / 2);
    }
    if (!farthest) return points.length > 1 ? [first, last] : [first];
    return [...simplified(points.slice(0, farthest + 1)).slice(0, -1), ...simplified(points.slice(farthest))];
  }

  // --- Drawing ----------------------------------------------------------------------------------------------------

  const count = () => strokes.reduce((total, stroke) => total + stroke.points.length, 0);
  const isFull = () => strokes.length >= surface.dataset.mostStrokes || count() >= surface.dataset.mostPoints;

  function show() {
    surface.replaceChildren(...strokes.map(drawn));
    form().elements.drawing.value = strokes.length ? JSON.stringify({ strokes }) : "";
    for (const name of ["ink-undo", "ink-clear"]) part(name).disabled = !strokes.length;
    part("ink-full").hidden = !isFull();
  }

  function begin() {
    const player = part("frame-player");
    const video = player.querySelector("video");
    const rate = Number(player.dataset.rate);
    const frame = Math.floor(video.currentTime * rate + 0.001);
    video.pause();
    video.controls = false;
    video.currentTime = (frame + 0.5) / rate; // the frame itself, where its poster was shown
    surface = part("drawing");
    surface.classList.add("drawing--on");
    [strokes, current] = [[], null];
    const field = form().elements.frame;
    field.value = frame + 1;
    field.readOnly = true;
    const words = part("ink-words");
    words.textContent = words.dataset.words.replace("{number}", frame + 1);
    part("ink").hidden = false;
    part("draw").setAttribute("aria-pressed", "true");
    holdFrame(true);
    choose(color);
    show();
    player.scrollIntoView({ block: "nearest" });
    part(`ink-color="${color}"`).focus({ preventScroll: true });
  }

  function end() {
    strokes = [];
    show();
    surface.classList.remove("drawing--on");
    surface = null;
    part("frame-player").querySelector("video").controls = true;
    form().elements.frame.readOnly = false;
    part("ink").hidden = true;
    holdFrame(false);
    part("draw").setAttribute("aria-pressed", "false");
    part("draw").focus();
    document.dispatchEvent(new Event("drawing-ended")); // notes-drawn.js shows what is kept of the frame
  }

  /** Keep to the frame that is drawn on: nothing leads to another one. */
  function holdFrame(isHeld) {
    for (const button of card().querySelectorAll("[data-frame-step]")) button.disabled = isHeld;
    for (const list of card().querySelectorAll("[data-notes]")) list.inert = isHeld;
  }

  function choose(name) {
    color = name;
    for (const button of card().querySelectorAll("[data-ink-color]")) {
      button.setAttribute("aria-pressed", String(button.dataset.inkColor === name));
    }
  }

  function undo() {
    strokes.pop();
    show();
    if (!strokes.length) part(`ink-color="${color}"`).focus(); // a disabled button loses the focus
  }

  function clear() {
    strokes = [];
    show();
    part(`ink-color="${color}"`).focus();
  }

  function pointOf(event) {
    const { width, height } = surface.viewBox.baseVal;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(surface.getScreenCTM().inverse());
    const within = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
    const pressure = event.pointerType === "pen" ? [Math.round(event.pressure * 100) / 100] : [];
    return [within(x / width), within(y / height), ...pressure];
  }

  document.addEventListener("pointerdown", (event) => {
    if (!isOn() || event.target.closest("[data-drawing]") !== surface || !event.isPrimary || event.button) return;
    event.preventDefault();
    if (isFull()) return;
    surface.setPointerCapture(event.pointerId);
    current = { color, points: [pointOf(event)] };
    surface.append(drawn(current));
  });

  document.addEventListener("pointermove", (event) => {
    if (!current || !isOn() || !event.isPrimary) return;
    const [point, last] = [pointOf(event), current.points.at(-1)];
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < FINEST) return;
    current.points.push(point);
    surface.lastChild.replaceWith(drawn(current));
  });

  function finish() {
    if (current && isOn()) {
      const room = Number(surface.dataset.mostPoints) - count();
      strokes.push({ color: current.color, points: simplified(current.points).slice(0, room) });
      show();
    }
    current = null;
  }
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, finish);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-draw]")) (isOn() ? end : begin)();
    if (!isOn()) return;
    if (button.matches("[data-ink-color]")) choose(button.dataset.inkColor);
    if (button.matches("[data-ink-undo]")) undo();
    if (button.matches("[data-ink-clear]")) clear();
    if (button.matches("[data-ink-cancel]")) end();
  });

  // Before all others: Escape would close the dialog, and the keys of the player lead to another frame.
  document.addEventListener("keydown", (event) => {
    if (!isOn()) return;
    const isTyping = event.target.closest("input, textarea");
    if (event.key === "Escape") end();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && !isTyping) undo();
    else if (![",", "."].includes(event.key) || isTyping) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("play", (event) => {
    if (isOn() && event.target.closest?.("[data-frame-player]")) event.target.pause();
  }, true);

  // --- A stage that comes anew ------------------------------------------------------------------------------------

  // Whoever presses a button beside the clip stays at the frame that is shown, and loses no note that is half written.
  let left = null;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!card() || detail.target.id !== "clip-stage") return;
    const video = part("frame-player").querySelector("video");
    const { text, frame } = form().elements;
    left = {
      take: form().action,
      at: video.currentTime,
      isSent: detail.requestConfig.elt === form(),
      note: [text.value, frame.value, isOn() ? strokes : null],
    };
    surface = null;
  });

  document.addEventListener("htmx:afterSwap", () => {
    if (!left || !card() || form().action !== left.take) return;
    const { at, note, isSent } = left;
    left = null;
    if (at) part("frame-player").querySelector("video").currentTime = at;
    form().elements.frame.value = Math.floor(at * Number(part("frame-player").dataset.rate) + 0.001) + 1;
    const isRefused = document.querySelector("#clip-stage > [role='alert']");
    if (!isSent || isRefused) restore(...note);
  });

  function restore(text, frame, drawing) {
    const fields = form().elements;
    if (text) [fields.text.value, fields.frame.value] = [text, frame];
    if (!drawing) return;
    begin();
    strokes = drawing;
    show();
  }
})();
