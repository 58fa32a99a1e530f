// Calls to the server, one after the other. What does not arrive is sent again until it does, or the person signs in.
"use strict";

(() => {
  const LONGEST_PAUSE = 30_000; // ms between two attempts
  const LATER = new Set([429, 500, 502, 503, 504]);
  const MOVES = /^DELETE |\/(restore|join|undo|redo)$/; // takes blocks out of the script, or brings them back

  class NotSent extends Error {
    constructor(isSignedOut) {
      super("not sent");
      this.isSignedOut = isSignedOut;
    }
  }

  // The cookie, not the page: it is a new one after signing in again in another window.
  const csrfToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

  function request(method, body, keepalive) {
    return {
      method,
      keepalive,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
  }

  /** Open the way to an address of the API. onChange: called whenever its state has changed. */
  function saving(base, onChange) {
    const jobs = [];
    let isRunning = false;
    let trouble = ""; // "", "offline" or "signed-out"
    let pause = 1000;
    let timer = 0;

    async function send(method, path, body) {
      let answer;
      let document;
      try {
        answer = await fetch(base + path, request(method, body, false));
        const isJson = answer.status !== 204 && answer.headers.get("Content-Type")?.includes("json");
        document = isJson ? await answer.json() : null; // fails where the connection drops in the middle
      } catch {
        throw new NotSent(false);
      }
      if (answer.ok && MOVES.test(`${method} ${path}`)) htmx.trigger("#left-out", "refresh");
      if (LATER.has(answer.status)) throw new NotSent(false);
      if (answer.status === 401 || document?.code === "csrf_failed") throw new NotSent(true);
      return { status: answer.status, document };
    }

    async function run() {
      if (isRunning) return;
      isRunning = true;
      clearTimeout(timer);
      onChange();
      while (jobs.length) {
        try {
          await jobs[0](send);
        } catch (error) {
          if (!(error instanceof NotSent)) {
            jobs.shift();
            setTimeout(() => { throw error; }); // a fault of ours: told, and the rest is saved all the same
            continue;
          }
          trouble = error.isSignedOut ? "signed-out" : "offline";
          timer = setTimeout(run, pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE);
          break;
        }
        jobs.shift();
        trouble = "";
        pause = 1000;
      }
      isRunning = false;
      onChange();
    }

    window.addEventListener("online", () => { if (jobs.length) run(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden && trouble) run(); });

    return {
      /** Do this after all that was asked for before. job: called with `send`, again where it did not arrive. */
      add(job) {
        jobs.push(job);
        if (!trouble) run();
        else onChange();
      },
      /** Send without waiting for an answer, while the page is being left. */
      throwAfter(method, path, body) {
        fetch(base + path, request(method, body, true)).catch(() => {});
      },
      get isBusy() { return jobs.length > 0; },
      get trouble() { return trouble; },
    };
  }

  storyreel.saving = saving;
})();
