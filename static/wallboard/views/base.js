// What every view of the wallboard needs.

import { useContext } from "preact/hooks";
import { SessionContext, html, useTicking } from "../../desk/views/base.js";
import { duration } from "../board.js";

export { Mark, SessionContext, html, initials, useTicking } from "../../desk/views/base.js";

export function useSession() {
  return useContext(SessionContext);
}

/** How long ago something began; it runs on between two readings. */
export function Since({ at }) {
  const { clock, phrase } = useSession();
  useTicking(1000);
  return html`<time datetime=${at}>${duration(phrase, -clock.secondsUntil(at))}</time>`;
}

/** A number behind which there are conversations: a button that shows them. One of nothing opens nothing. */
export function Count({ count, title, question, children }) {
  const session = useSession();
  if (!count) return html`<span class="number is-none">${children ?? count}</span>`;
  return html`<button type="button" class="number" title=${title} onClick=${() => session.open(title, question)}>
    ${children ?? count}</button>`;
}
