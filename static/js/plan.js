// The sheet of a plan: its total follows the ticks, and the time of day is the person's own.
"use strict";

(() => {
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

  function tellTime() {
    const time = document.querySelector("[data-clock]");
    if (time) time.textContent = clock.format(new Date(time.dateTime));
  }

  const spell = (seconds) => {
    const whole = seconds > 60 ? Math.round(seconds / 10) * 10 : Math.max(1, Math.round(seconds));
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    if (hours) return `about ${hours} h ${minutes} min`;
    return minutes ? `about ${minutes} min ${rest} s` : `about ${rest} s`;
  };

  function total(form) {
    const ticked = [...form.querySelectorAll("input[name='block']:checked")];
    const sum = (name) => ticked.reduce((found, box) => found + Number(box.dataset[name] ?? 0), 0);
    form.querySelector("[data-plan-jobs]").textContent = sum("jobs");
    form.querySelector("button[type='submit']").disabled = !ticked.length;
    const seconds = form.querySelector("[data-plan-seconds]");
    if (!seconds) return;
    const all = Number(seconds.dataset.planSeconds);
    seconds.textContent = spell(sum("seconds"));
    const time = form.querySelector("[data-clock]");
    if (!time || !all) return;
    // What waits before it stays the same: only the part of its own work grows smaller.
    const done = new Date(time.dateTime).getTime() - (all - sum("seconds")) * 1000;
    time.textContent = clock.format(new Date(Math.max(done, Date.now())));
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-plan]");
    if (form) total(form);
  });
  document.body.addEventListener("htmx:afterSettle", tellTime);
  tellTime();
})();
