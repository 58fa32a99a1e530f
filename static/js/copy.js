// A button that copies the text of another element. Without a clipboard (plain http) it stays hidden: select and copy.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.querySelector("[data-words]").textContent = button.dataset.copied;
    window.storyreel.announce(button.dataset.copied);
  });
}
