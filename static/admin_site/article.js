// The page of an article: languages as tabs or side by side, placeholders at the cursor, the reply as it will be sent,
// and questions rejected without leaving the page. Without it everything is there too, one below another.

const PREVIEW_WAIT_MS = 250;
const form = document.querySelector("[data-article]");
const tabs = [...form.querySelectorAll("[role=tab]")];
const panels = new Map([...form.querySelectorAll("[data-panel]")].map((panel) => [panel.dataset.panel, panel]));
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

/** Shows one language, or all of them side by side. */
const show = (language) => {
  const beside = besideButton.getAttribute("aria-pressed") === "true";
  form.querySelector(".article-panels").classList.toggle("beside", beside);
  for (const tab of tabs) {
    const isChosen = tab.dataset.language === language;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    const panel = panels.get(tab.dataset.language);
    panel.hidden = !beside && !isChosen;
    panel.querySelector("[data-panel-name]").hidden = !beside;
  }
};
const chosen = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true").dataset.language;
const isEmpty = (panel) => [...panel.querySelectorAll("input, textarea")].every((field) => !field.value.trim());

const besideButton = form.querySelector("[data-beside]");
if (tabs.length > 1) {
  form.querySelector("[data-languages]").hidden = false;
  for (const panel of panels.values()) {
    panel.setAttribute("role", "tabpanel");
  }
  tabs.forEach((tab, position) => {
    const mark = () => tab.toggleAttribute("data-empty", isEmpty(panels.get(tab.dataset.language)));
    mark();
    panels.get(tab.dataset.language).addEventListener("input", mark);
    tab.addEventListener("click", () => {
      show(tab.dataset.language);
      if (besideButton.getAttribute("aria-pressed") === "true") {
        panels.get(tab.dataset.language).querySelector("input").focus();
      }
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(position + step + tabs.length) % tabs.length];
      show(next.dataset.language);
      next.focus();
    });
  });
  besideButton.addEventListener("click", () => {
    besideButton.setAttribute("aria-pressed", String(besideButton.getAttribute("aria-pressed") !== "true"));
    show(chosen());
  });
  const first = tabs.find((tab) => "wrong" in tab.dataset) ?? tabs.find((tab) => !("empty" in tab.dataset)) ?? tabs[0];
  show(first.dataset.language);
} else {
  for (const panel of panels.values()) panel.querySelector("[data-panel-name]").hidden = true;
}

// Placeholders go where the cursor was.
for (const [language, panel] of panels) {
  const reply = panel.querySelector(`[name="text-${language}-short_reply"]`);
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    reply.focus();
    reply.setRangeText(button.dataset.insert, reply.selectionStart, reply.selectionEnd, "end");
    reply.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// The reply as it will be sent: filled, in both forms of address where they differ.
const line = (name, text) => {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  return element;
};
for (const [language, panel] of panels) {
  const reply = panel.querySelector(`[name="text-${language}-short_reply"]`);
  const preview = panel.querySelector("[data-preview-of]");
  let timer = 0;
  let asked = 0;
  const draw = (previews) => {
    preview.replaceChildren(...previews.map(({ address, text, missing }) => {
      const block = document.createElement("div");
      const title = preview.dataset.title + (address ? ` (${address})` : "");
      const body = line("body", "");
      body.dir = "auto";
      // What nobody can fill is still there in its braces: marked, and named below.
      for (const part of text.split(/(\{[^{}]*\}|[{}])/)) {
        const mark = /[{}]/.test(part) ? document.createElement("mark") : null;
        if (mark) mark.textContent = part;
        body.append(mark ?? part);
      }
      block.append(line("who", title), body);
      if (missing.length) block.append(line("quiet", `${preview.dataset.missing} ${missing.join(", ")}`));
      return block;
    }));
    preview.hidden = previews.length === 0;
  };
  const ask = async () => {
    const mine = ++asked;
    if (!reply.value.trim()) return draw([]);
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, language, text: reply.value });
    const answer = await fetch(form.dataset.preview, { method: "POST", body }).catch(() => null);
    const { previews } = answer?.ok ? await answer.json() : { previews: [] };
    if (mine === asked) draw(previews);
  };
  reply.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PREVIEW_WAIT_MS);
  });
  ask();
}

// What was typed is not lost by a stray click.
let isChanged = form.querySelector(".field-wrong, .notice") !== null;
form.addEventListener("input", () => { isChanged = true; });
form.addEventListener("submit", () => { isChanged = false; });
addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-save]"));
});

// A question is rejected, or taken back, in its place.
for (const question of document.querySelectorAll("[data-question]")) {
  question.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(question, event.submitter);
    const answer = await fetch(question.action, { method: "POST", body }).catch(() => null);
    if (!answer?.ok) {
      location.reload();
      return;
    }
    const isRejected = event.submitter.name === "reject";
    question.closest("li").classList.toggle("rejected", isRejected);
    for (const button of question.querySelectorAll("[data-when]")) {
      button.hidden = (button.dataset.when === "rejected") !== isRejected;
    }
    question.querySelector("button:not([hidden])").focus();
  });
}
