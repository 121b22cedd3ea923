// Buttons that copy a text of the page. They are there only where copying works.

const SAID_FOR_MS = 2500;

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const source = document.getElementById(button.dataset.copy);
  const name = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // Refused: what is selected can be copied by hand.
      getSelection().selectAllChildren(source);
      return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = name;
    }, SAID_FOR_MS);
  });
}
