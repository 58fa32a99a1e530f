// What was typed into a scene and is not saved yet, kept by the browser until it is: one entry for each block.
"use strict";

(() => {
  /** Open the drafts of a person in a scene. onFull: called where the browser keeps nothing more. */
  function drafts(person, scene, onFull) {
    const prefix = `storyreel-writing:${person}:${scene}:`;
    return {
      keep(id, draft) {
        try {
          localStorage.setItem(prefix + id, JSON.stringify(draft));
        } catch {
          onFull();
        }
      },
      drop(id) {
        try {
          localStorage.removeItem(prefix + id);
        } catch { /* without a storage nothing was kept */ }
      },
      /** Return [id, draft] of all that is kept, in the order it was typed. */
      all() {
        try {
          return Object.keys(localStorage)
            .filter((key) => key.startsWith(prefix))
            .map((key) => [key.slice(prefix.length), JSON.parse(localStorage.getItem(key))])
            .sort(([, one], [, other]) => one.at - other.at);
        } catch {
          return [];
        }
      },
    };
  }

  storyreel.drafts = drafts;
})();
