// Keeps a review that is being filled in, so that a closed window costs nothing.

const WAIT_MS = 1_000;

const form = document.querySelector(".judging");
const output = form?.querySelector("output");
let timer = 0;
let isLeaving = false;

async function keep() {
  const data = new FormData(form);
  data.set("keep", "1");
  try {
    const response = await fetch(location.pathname, { method: "POST", body: data, redirect: "manual" });
    // What was stored is answered with the way back to the page, which nobody needs to go.
    output.textContent = response.type === "opaqueredirect" ? output.dataset.kept : output.dataset.notKept;
  } catch {
    output.textContent = output.dataset.notKept;
  }
}

function changed() {
  clearTimeout(timer);
  timer = setTimeout(() => !isLeaving && keep(), WAIT_MS);
}

if (output) {
  form.addEventListener("input", changed);
  form.addEventListener("submit", () => (isLeaving = true));
}
