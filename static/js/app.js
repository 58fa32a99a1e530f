// Small behaviours every page shares: messages, announcements, what to say when a request fails, the menu.
"use strict";

(() => {
  const toasts = document.getElementById("toasts");
  const announcer = document.getElementById("announcer");

  /** Tell screen readers, politely. Server: page_events.announce; scripts: storyreel.announce. */
  function announce(words) {
    announcer.textContent = "";
    // A live region speaks on change: the same words twice would otherwise be said once.
    setTimeout(() => { announcer.textContent = words; }, 50);
  }

  /** Show a message until it is dismissed; kind: info, success or error. */
  function toast(words, kind = "info") {
    const copy = document.getElementById("toast-template").content.cloneNode(true);
    copy.firstElementChild.classList.add(`toast--${kind}`);
    copy.querySelector("[data-words]").textContent = words;
    for (const icon of copy.querySelectorAll("[data-kind]")) if (icon.dataset.kind !== kind) icon.remove();
    for (const old of toasts.querySelectorAll("[data-words]")) {
      if (old.textContent === words) old.closest("[data-toast]").remove();
    }
    toasts.append(copy);
  }

  // A keyboard on the screen covers the lower end of the window, and no style knows how much: messages stand above it.
  function liftToasts() {
    const { scale, height, offsetTop } = visualViewport;
    const covered = scale > 1 ? 0 : document.documentElement.clientHeight - offsetTop - height; // or the page is zoomed
    toasts.style.setProperty("--covered", `${Math.max(0, Math.round(covered))}px`);
  }
  for (const name of ["resize", "scroll"]) visualViewport.addEventListener(name, liftToasts);

  window.storyreel = { announce, toast };

  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.body.addEventListener("announce", (event) => announce(event.detail.value));
  document.body.addEventListener("toast", ({ detail }) => toast(detail.words ?? detail.value, detail.kind));

  // A block's film strip asks for itself again when something happened to the block.
  // (htmx's own event filters need eval, which the page does not allow.)
  document.body.addEventListener("block-changed", (event) => {
    const film = document.getElementById(`block-state-${event.detail.block}`);
    if (film) htmx.trigger(film, "refresh");
  });

  // The address of a clip may lead to one that is good for a minute, and browsers ask that one for the rest.
  // Where it is no good any more the clip is asked for anew, by its own address, and goes on where it was.
  const askedAnew = new WeakMap(); // video: when, in ms
  const AGAIN_AFTER = 5000;
  document.addEventListener("error", (event) => {
    const video = event.target;
    if (!(video instanceof HTMLVideoElement) || video.error?.code !== MediaError.MEDIA_ERR_NETWORK) return;
    if (performance.now() - (askedAnew.get(video) ?? -AGAIN_AFTER) < AGAIN_AFTER) return;
    askedAnew.set(video, performance.now());
    event.stopImmediatePropagation();
    const { currentTime, paused } = video;
    video.load();
    video.currentTime = currentTime;
    if (!paused) video.play().catch(() => {});
  }, true);

  // Another button of a form that is on its way is pressed once the answer has come, which may bring the form anew:
  // htmx sends nothing of a form that has left the page. The same button twice is a slip of the finger.
  const pressed = new WeakMap(); // form: the id of its button
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!form.classList.contains("htmx-request")) pressed.set(form, submitter?.id);
    else if (submitter?.id && submitter.id !== pressed.get(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      form.addEventListener("htmx:afterRequest", () => {
        const button = document.getElementById(submitter.id);
        if (button?.form?.action === form.action) button.click();
      }, { once: true });
    }
  }, true);

  // A form that is sent with each choice: one that was made before htmx was there to hear of it is sent now.
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[hx-trigger='change']")) {
      const isChosen = [...form.elements].some(({ checked, defaultChecked }) => checked !== defaultChecked);
      if (isChosen) htmx.trigger(form, "change");
    }
  });

  // Of tabs that are wider than the window the one that is open is in sight.
  for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
    const [row, open] = [tab.parentElement, tab].map((element) => element.getBoundingClientRect());
    tab.parentElement.scrollLeft = open.left - row.left - (row.width - open.width) / 2;
  }

  // A poll that fails says nothing: the next one may pass. What a person did themselves is answered in words.
  const isPoll = (event) => event.detail.requestConfig?.triggeringEvent === undefined
    && event.detail.elt?.getAttribute?.("hx-trigger")?.includes("every");

  // Nobody waits any more for what was asked of a place that has left the page, as a block that was joined to another:
  // that it is gone is no fault. The events of what has left do not bubble, so the listener is on the element itself.
  document.body.addEventListener("htmx:beforeRequest", ({ detail: { elt: asking } }) => {
    asking.addEventListener("htmx:beforeOnLoad", (event) => {
      const { target, requestConfig, xhr } = event.detail;
      if (requestConfig.verb === "get" && xhr.status >= 400 && !target.isConnected) event.preventDefault();
    }, { once: true });
  });

  document.body.addEventListener("htmx:sendError", (event) => {
    if (!isPoll(event)) toast(toasts.dataset.wordsOffline, "error");
  });

  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    const spoken = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") ? xhr.responseText : "";
    if (!isPoll(event)) toast(spoken || toasts.dataset.wordsFailed, "error");
  });
})();
