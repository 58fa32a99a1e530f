// Small behaviours every page shares: messages, announcements, the menu, clips whose address has ended, tabs.
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

  // Of tabs that are wider than the window the one that is open is in sight.
  for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
    const [row, open] = [tab.parentElement, tab].map((element) => element.getBoundingClientRect());
    tab.parentElement.scrollLeft = open.left - row.left - (row.width - open.width) / 2;
  }
})();
