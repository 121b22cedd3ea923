// The text for the operator as the desk shows it, below its field, while it is being written: the same module draws both.

import { render } from "preact";
import { markdownNodes } from "../shared/markdown.js";

const DRAWING_WAIT_MS = 120;

for (const preview of document.querySelectorAll("[data-read-as]")) {
  const field = document.getElementById(preview.dataset.readAs);
  const text = preview.querySelector("[data-text]");
  /** What is being written stands at the same height in both. */
  const follow = () => {
    const room = field.scrollHeight - field.clientHeight;
    if (room > 0) text.scrollTop = (field.scrollTop / room) * (text.scrollHeight - text.clientHeight);
  };
  /** Whoever has no mouse scrolls with the arrows, where there is something to scroll. */
  const mark = () => {
    if (text.scrollHeight > text.clientHeight) text.tabIndex = 0;
    else text.removeAttribute("tabindex");
  };
  const draw = () => {
    preview.hidden = !field.value.trim();
    render(markdownNodes(field.value), text);
    mark();
    follow();
  };
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, DRAWING_WAIT_MS);
  });
  field.addEventListener("scroll", follow, { passive: true });
  new ResizeObserver(mark).observe(text);
  draw();
}
