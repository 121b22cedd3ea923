// How an article stands, and which of its words matter: shown wherever one is.

import { html, usePhrase } from "./base.js";

/** What warns of an article; and what stands before it. */
export function Standing({ article, children }) {
  const phrase = usePhrase();
  if (!children && !article.is_overdue && !article.is_expired) return null;
  return html`<span class="answer-standing">${children}
    ${article.is_expired && html`<span class="answer-warn">${phrase("answers.expired")}</span>`}
    ${article.is_overdue && html`<span class="answer-warn">${phrase("answers.overdue")}</span>`}
  </span>`;
}

/** Pieces of a text, the marked ones as such. @param {{text: string, isMarked: boolean}[]} pieces */
export function marks(pieces, look) {
  return pieces.map(({ text, isMarked }) => (isMarked ? html`<mark class=${look}>${text}</mark>` : text));
}
