// The clip dialog: opening and closing, its place in the history, where the focus goes. Every link and form works
// without it.
// Says "clip-panel" when a panel has come, for the scripts before it: draft.js, settings.js, progress.js.
"use strict";

(() => {
  const dialog = () => document.getElementById("clip-dialog");
  const panel = () => document.getElementById("clip-panel");
  const isDeepLink = () => /\/clip\/(start|end|video)\/$/.test(location.pathname);

  let opener = null;
  let opening = null; // the request that was sent last to open the dialog
  let isGoingBack = false; // by this script, which has closed the dialog
  let lastPressed = null; // the link to another step or take that was pressed last

  function show() {
    const box = dialog();
    if (box.matches(":modal")) return;
    box.removeAttribute("open"); // a deep link arrives with the dialog open, but not modal
    box.showModal();
    // What lies outside a modal dialog is neither seen nor heard: messages come along.
    box.append(document.getElementById("toasts"), document.getElementById("announcer"));
    document.getElementById("clip-title").focus();
  }

  function afterClose() {
    [lastPressed, opening] = [null, null];
    const { block, sceneUrl } = panel()?.dataset ?? {};
    document.body.append(document.getElementById("toasts"), document.getElementById("announcer"));
    dialog().replaceChildren(); // ends the polling
    if (isDeepLink()) {
      const isOurs = history.state?.clip;
      history.replaceState(null, "", sceneUrl); // at once: going back takes a while, and a reload may come before
      if (isOurs) {
        isGoingBack = true;
        history.back();
      }
    }
    if (!block) return;
    htmx.trigger(document.body, "block-changed", { block });
    (opener?.isConnected ? opener : document.getElementById(`film-${block}`))?.focus();
    opener = null;
  }

  function panelArrived() {
    const { url } = panel().dataset;
    if (!isDeepLink()) history.pushState({ clip: true }, "", url);
    else if (location.pathname !== url) history.replaceState(history.state, "", url);
    show();
    document.dispatchEvent(new Event("clip-panel"));
    const wrong = panel().querySelector("[aria-invalid='true']");
    if (wrong) wrong.focus();
    else if (!dialog().contains(document.activeElement) || document.activeElement === dialog()) {
      document.getElementById("clip-title").focus();
    }
  }

  // The backdrop is the dialog itself. A click alone does not tell: text selected from a field to the outside ends with
  // a click on what both places have in common, which is the dialog.
  const mouse = { pointerdown: null, pointerup: null }; // where the pointer last went down and up
  for (const type of Object.keys(mouse)) {
    document.addEventListener(type, (event) => { mouse[type] = event.target; });
  }
  const isBackdrop = (event) => [event.target, ...Object.values(mouse)].every((place) => place === dialog());

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") && dialog()?.open) {
      event.preventDefault();
      dialog().close();
    } else if (dialog()?.open && isBackdrop(event)) dialog().close();
  });

  // The browser tells of a closing with the next picture it draws: the dialog may have been opened again by then.
  document.addEventListener("close", ({ target }) => {
    if (target === dialog() && !target.open && target.hasChildNodes()) afterClose();
  }, true);

  window.addEventListener("popstate", () => {
    if (isGoingBack) { // a film may have been pressed meanwhile
      isGoingBack = false;
      return;
    }
    [lastPressed, opening] = [null, null];
    if (isDeepLink()) htmx.ajax("GET", `${location.pathname}panel/`, { target: "#clip-dialog", swap: "innerHTML" });
    else if (dialog()?.open) {
      dialog().close();
      afterClose();
    }
  });

  // Of two films that were pressed the later one is opened, and none once somebody went back.
  document.addEventListener("htmx:beforeRequest", ({ detail: { target, xhr } }) => {
    if (target !== dialog()) return;
    if (!dialog().open) opener = document.activeElement;
    opening = xhr;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    if (target === dialog() && xhr !== opening) event.preventDefault();
  });

  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    if (target.id === "clip-dialog" || target.id === "clip-panel") panelArrived();
  });

  // Whoever closed the dialog or went to another step has no use for an answer to the one before. The element that
  // asked is out of the page then, and its events do not bubble: the listener must be on itself.
  // An answer to something else may have taken a link out that was just pressed: what it leads to is asked for anew.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt: asking, requestConfig, target: { id } } = event.detail;
    if (!dialog()?.contains(asking)) return;
    const url = panel()?.dataset.url;
    if (asking.matches("a")) lastPressed = asking;
    asking.addEventListener("htmx:beforeOnLoad", (answer) => {
      const isOpen = dialog()?.open; // what is closed stays in the page for a moment
      if (isOpen && asking.isConnected) return;
      answer.preventDefault();
      if (!isOpen || !panel()) return;
      const isAwaited = asking === lastPressed && (id === "clip-panel" || panel().dataset.url === url);
      if (isAwaited) htmx.ajax("GET", requestConfig.path, { target: `#${id}`, swap: "outerHTML" });
      else if (requestConfig.verb === "post") {
        htmx.ajax("GET", `${panel().dataset.url}panel/`, { target: "#clip-panel", swap: "outerHTML" });
      }
    }, { once: true });
  });

  // A disabled button loses the focus; whoever pressed Generate with the keyboard finds it on Stop.
  document.addEventListener("htmx:afterSwap", () => {
    if (dialog()?.open && document.activeElement === document.body) {
      (document.getElementById("clip-main") ?? dialog()).focus();
    }
  });

  if (dialog()?.hasAttribute("open") && panel()) panelArrived();
})();
