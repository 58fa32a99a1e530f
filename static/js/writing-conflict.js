// Two people on one block: both texts side by side, with what differs, until one chooses.
"use strict";

(() => {
  if (!storyreel.script) return;
  const { words, copy, insert, valuesOf } = storyreel.script;

  const told = ({ speaker, parenthetical, text }) => (
    [speaker && speaker.toUpperCase(), parenthetical && `(${parenthetical})`, text].filter(Boolean).join("\n")
  );

  /** Show what stands on the server now beside what was typed here. current: the block of the API. */
  function show(line, current) {
    close(line);
    line.conflict = current;
    const box = copy("writing-conflict").firstElementChild;
    line.li.querySelector(".block__script").append(box);
    compare(line);
    storyreel.announce(words.conflict.replace("NUMBER", line.number));
  }

  function compare(line) {
    const box = line.li.querySelector(".conflict");
    const [mine, theirs] = storyreel.difference(told(line.values), told(valuesOf(line.conflict)));
    box.querySelector("[data-mine]").replaceChildren(mine);
    box.querySelector("[data-theirs]").replaceChildren(theirs);
  }

  function close(line) {
    line.li.querySelector(".conflict")?.remove();
    line.conflict = null;
  }

  /** Settle it. keep: mine, theirs or both. Returns the lines that are to be saved. */
  function settle(line, keep) {
    const mine = line.values;
    line.version = line.conflict.version;
    line.saved = valuesOf(line.conflict);
    close(line);
    if (keep !== "mine") line.values = line.saved;
    const changed = keep === "both" ? [line, insert(mine, line)] : [line];
    changed.at(-1).focus();
    return changed;
  }

  storyreel.conflict = { show, compare, settle };
})();
