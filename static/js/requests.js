// What the page asks of the server: a part of it anew, a form, a poll; in what order, and what is said when it fails.
"use strict";

(() => {
  const { wordsFailed, wordsOffline } = document.getElementById("toasts").dataset;
  const { toast } = window.storyreel;

  /** Have a part of the page ask for itself anew, if it is there. (htmx's own event filters need eval: refused.) */
  function refresh(id) {
    if (document.getElementById(id)) htmx.trigger(`#${id}`, "refresh");
  }

  document.body.addEventListener("block-changed", ({ detail }) => refresh(`block-state-${detail.block}`));
  document.body.addEventListener("people-changed", () => refresh("people"));

  // What changed while the answer to an earlier refresh was on its way is asked for once more when that has come. (htmx
  // has the second request wait, and drops it with the element that the first answer takes out of the page.)
  const again = new Set(); // ids
  document.addEventListener("refresh", (event) => {
    if (!event.target.matches(".htmx-request")) return;
    event.stopImmediatePropagation();
    again.add(event.target.id);
  }, true);
  document.body.addEventListener("htmx:afterRequest", ({ detail: { requestConfig: { elt: { id } } } }) => {
    if (again.delete(id)) refresh(id);
  });

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

  // Of two buttons that bring the same part of the page anew, the later one waits for the answer to the first: its own
  // would find that part no more.
  const onItsWay = new WeakMap(); // part of the page: the request
  document.addEventListener("htmx:beforeRequest", ({ detail: { target, xhr, requestConfig } }) => {
    if (requestConfig.verb !== "post") return;
    onItsWay.set(target, xhr);
    xhr.addEventListener("loadend", () => onItsWay.delete(target));
  });
  document.addEventListener("htmx:confirm", (event) => {
    const { elt: button, target } = event.detail;
    const before = button.matches("button[hx-post]") && onItsWay.get(target);
    if (!before) return;
    event.preventDefault();
    if (button.classList.contains("htmx-request")) return; // pressed twice
    before.addEventListener("loadend", () => document.getElementById(button.id)?.click(), { once: true });
  });

  // What is typed into a form that is on its way stays: the answer brings the form anew, as it was sent.
  const sent = new WeakMap(); // form: its fields of words, each with what was sent
  const WORDS = "textarea, input:is([type='text'], [type='number'])";
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt: form } }) => {
    if (!form.matches("form")) return;
    sent.set(form, [...form.elements].filter((field) => field.matches(WORDS)).map((field) => [field, field.value]));
  });
  document.addEventListener("htmx:afterSwap", ({ detail: { requestConfig } }) => {
    const form = requestConfig?.elt;
    for (const [field, words] of sent.get(form) ?? []) {
      const fresh = field.id && document.getElementById(field.id);
      if (field.value === words || !fresh || fresh === field || fresh.form?.action !== form.action) continue;
      fresh.value = field.value;
      if (fresh === document.activeElement && field.selectionEnd !== null) {
        fresh.setSelectionRange(field.selectionStart, field.selectionEnd);
      }
    }
    sent.delete(form);
  });

  // A form that is sent with each choice: one that was made before htmx was there to hear of it is sent now.
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[hx-trigger='change']")) {
      const isChosen = [...form.elements].some(({ checked, defaultChecked }) => checked !== defaultChecked);
      if (isChosen) htmx.trigger(form, "change");
    }
  });

  // A poll that fails says nothing: the next one may pass. What a person did themselves is answered in words.
  const isPoll = ({ detail: { elt, requestConfig } }) => requestConfig?.triggeringEvent === undefined
    && elt?.getAttribute?.("hx-trigger")?.includes("every");

  /** What is gone, or is no longer this person's to see, is not asked for again and again. */
  function endPoll(element) {
    element.removeAttribute("hx-trigger");
    element.removeAttribute("hx-get");
    htmx.process(element);
  }

  // Nobody waits any more for what was asked of a place that has left the page, as a block that was joined to another,
  // or will leave it: that a block is gone may be heard before the answer to the Undo that took it away.
  // The events of what has left do not bubble, so the listener is on the element itself.
  document.body.addEventListener("htmx:beforeRequest", ({ detail: { elt: asking } }) => {
    asking.addEventListener("htmx:beforeOnLoad", (event) => {
      const { target, requestConfig, xhr } = event.detail;
      if (requestConfig.verb !== "get" || xhr.status < 400) return;
      const isOver = isPoll(event) && [403, 404].includes(xhr.status);
      if (isOver) endPoll(asking);
      const isLeaving = !target.isConnected || (xhr.status === 404 && target.matches(".film"));
      if (isOver || isLeaving) event.preventDefault();
    }, { once: true });
  });

  document.body.addEventListener("htmx:sendError", (event) => {
    if (!isPoll(event)) toast(wordsOffline, "error");
  });

  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    const spoken = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") ? xhr.responseText : "";
    if (!isPoll(event)) toast(spoken || wordsFailed, "error");
  });
})();
