// Writing in place: the keys that writers know, and the tools of the block under the pointer.
"use strict";

(() => {
  if (!storyreel.moves) return;
  const { list, words, copy, inOrder, beside, insert } = storyreel.script;
  const { typed, save, split, join, remove, step, settled, showState } = storyreel.steps;
  const { move, drag, said } = storyreel.moves;
  const BLANK = { kind: "action", speaker: "", parenthetical: "", text: "" };
  const tools = copy("writing-tools").firstElementChild;
  let tabChangesKind = false; // not for those who came by Tab and did not write yet: they want to move on
  let lastKey = "";

  const lineOf = (element) => element.closest?.(".block")?.line;
  const isAtStart = (field) => field.selectionStart === 0 && field.selectionEnd === 0;
  const isAtEnd = (field) => field.selectionStart === field.value.length;

  function write(kind, after) {
    const line = insert({ ...BLANK, kind }, after);
    line.focus(kind === "dialog" ? line.name : line.text);
    tabChangesKind = true;
    return line;
  }

  function changeKind(line) {
    const kind = line.kind === "dialog" ? "action" : "dialog";
    line.setKind(kind);
    line.focus(kind === "dialog" && !line.name.value ? line.name : line.text);
    storyreel.announce(words[kind]);
    typed(line);
  }

  function openAside(line) {
    line.asideBox.hidden = false;
    line.focus(line.aside);
  }

  // --- Keys ----------------------------------------------------------------------------------------------------

  function enter(line, field) {
    if (field === line.name && !field.value.trim() && !line.text.value.trim()) return changeKind(line);
    if (field !== line.text) return line.focus(line.text);
    if (!field.value.trim()) return undefined;
    if (isAtEnd(field)) return write(line.kind, line);
    if (isAtStart(field)) {
      const before = beside(line, -1) ?? null;
      return write(line.kind, before);
    }
    const other = split(line, field.selectionStart);
    other.focus(other.text, 0);
    return storyreel.announce(said(words.split, other));
  }

  function backspace(line, field) {
    if (field === line.aside) {
      if (field.value) return false;
      line.asideBox.hidden = true;
      line.focus(line.text, 0);
      return true;
    }
    if (!isAtStart(field)) return false;
    const before = beside(line, -1);
    if (line.isEmpty) {
      if (!before && !beside(line, 1)) return false;
      remove(line);
      before?.focus();
      return true;
    }
    if (field === line.text && line.kind === "dialog" && line.name.value !== before?.name.value) {
      line.focus(line.name);
      return true;
    }
    if (field !== line.text || !before) return false;
    if (before.kind !== line.kind) before.focus();
    else {
      join(line, before);
      storyreel.announce(words.joined);
    }
    return true;
  }

  /** Move the caret to the block above or below, where it is at the end of this one. */
  function leave(line, field, way) {
    if (way < 0 ? !isAtStart(field) : !isAtEnd(field)) return false;
    const other = beside(line, way);
    if (!other) return false;
    if (way < 0) other.focus();
    else other.focus(other.kind === "dialog" ? other.name : other.text, 0);
    tabChangesKind = true;
    return true;
  }

  const KEYS = {
    Enter: (line, field, event) => {
      if (event.shiftKey && field === line.text) return false;
      tabChangesKind = true;
      enter(line, field);
      return true;
    },
    Tab: (line, field, event) => {
      if (!tabChangesKind || event.shiftKey) return false;
      changeKind(line);
      return true;
    },
    Escape: () => {
      tabChangesKind = false;
      storyreel.announce(words.released);
      return true;
    },
    Backspace: (line, field) => backspace(line, field),
    ArrowUp: (line, field) => leave(line, field, -1),
    ArrowDown: (line, field) => field !== line.name && leave(line, field, 1), // in a name it opens the list of names
    "(": (line, field) => {
      if (line.kind !== "dialog" || field !== line.text || !isAtStart(field) || line.aside.value) return false;
      openAside(line);
      return true;
    },
    ")": (line, field) => {
      if (field !== line.aside) return false;
      line.focus(line.text, 0);
      return true;
    },
  };

  list.addEventListener("keydown", (event) => {
    lastKey = event.key;
    const line = lineOf(event.target);
    const field = event.target;
    if (!line || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      move(line, event.key === "ArrowUp" ? -1 : 1);
    } else if (field.matches("input, textarea") && KEYS[event.key]?.(line, field, event)) event.preventDefault();
  });

  // Keyboards on the screen press keys without a name; what comes of them tells which it was.
  const KEY_OF = { insertLineBreak: "Enter", deleteContentBackward: "Backspace" };

  list.addEventListener("beforeinput", (event) => {
    const line = lineOf(event.target);
    const key = KEY_OF[event.inputType] ?? (event.inputType === "insertText" ? event.data : null);
    if (!line || key === lastKey || !Object.hasOwn(KEYS, key)) return; // keydown named it and had its way, or a word
    if (KEYS[key](line, event.target, event)) event.preventDefault();
  });

  // Undo of what was saved. In a field with something unsaved the browser's own comes first.
  document.addEventListener("keydown", (event) => {
    lastKey = event.key;
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z";
    const isOurs = list.contains(event.target) || event.target === document.body;
    if (!isUndo || !isOurs || document.querySelector("dialog[open]") || lineOf(event.target)?.isDirty) return;
    event.preventDefault();
    step(event.shiftKey ? "redo" : "undo");
  });

  // --- Typing --------------------------------------------------------------------------------------------------

  list.addEventListener("input", (event) => {
    const line = lineOf(event.target);
    if (!line) return;
    tabChangesKind = true;
    line.grow();
    typed(line);
  });

  list.addEventListener("focusin", (event) => {
    const line = lineOf(event.target);
    if (!line) return;
    if (lastKey === "Tab") tabChangesKind = false;
    lastKey = "";
    showTools(line);
  });

  list.addEventListener("pointerdown", () => { tabChangesKind = true; });

  list.addEventListener("focusout", (event) => {
    const line = lineOf(event.target);
    if (!line || line.isGone) return;
    if (event.target === line.aside && !line.aside.value) line.asideBox.hidden = true;
    if (line.isDirty) save(line);
    const stays = line.li.contains(event.relatedTarget) || !document.hasFocus();
    if (!stays && !line.version && line.isEmpty && inOrder().length > 1) {
      setTimeout(() => { if (line.isEmpty && !line.li.contains(document.activeElement)) dismiss(line); });
    }
    showState();
  });

  /** Take away a block in which nothing was written. */
  function dismiss(line) {
    line.isGone = true;
    settled(line);
    line.li.remove();
    storyreel.script.renumber();
  }

  // --- Tools ---------------------------------------------------------------------------------------------------

  function showTools(line) {
    if (tools.contains(document.activeElement) && tools.parentElement !== line.li) return;
    if (tools.parentElement !== line.li) line.li.prepend(tools);
    tools.dataset.kind = line.kind;
  }

  list.addEventListener("pointerover", (event) => {
    const line = lineOf(event.target);
    if (line && event.pointerType === "mouse" && !list.querySelector(".is-dragged")) showTools(line);
  });

  const TOOLS = {
    up: (line) => move(line, -1),
    down: (line) => move(line, 1),
    kind: changeKind,
    aside: openAside,
    remove,
  };

  tools.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-tool]");
    if (tool) TOOLS[tool.dataset.tool](lineOf(tool));
  });

  tools.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-handle]")) drag(lineOf(tools), event);
  });

  document.addEventListener("click", (event) => {
    const start = event.target.closest("[data-write]");
    const back = event.target.closest("[data-history]");
    const choice = event.target.closest("[data-choice]");
    if (start) write(start.dataset.write, inOrder().at(-1) ?? null);
    else if (back) step(back.dataset.history);
    else if (choice && lineOf(choice)) {
      for (const line of storyreel.conflict.settle(lineOf(choice), choice.dataset.choice)) {
        settled(line);
        if (line.isDirty) save(line);
      }
      showState();
    }
  });
})();
