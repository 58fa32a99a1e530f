// A button that copies the text of another element. Without a clipboard (plain http) it stays hidden: select and copy.
"use strict";

(() => {
  if (!navigator.clipboard) return;

  function offer(root) {
    for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.querySelector("[data-words]").textContent = button.dataset.copied;
    window.storyreel.announce(button.dataset.copied);
  });

  offer(document);
  document.addEventListener("htmx:afterSwap", () => offer(document));
})();
