// What the reply that is being written must still say: the points of its answers as ticks, and what is to be filled in.

import { openPlaceholders, pointsOf, usedIn } from "../knowledge.js";
import { html, usePhrase, useSession } from "./base.js";
import { Icon } from "./icons.js";
import { selectIn } from "./inserting.js";

/** @param {{conversation: string, text: string}} properties */
export function Points({ conversation, text }) {
  const session = useSession();
  const phrase = usePhrase();
  const { inserted } = session.draft(conversation);
  const points = pointsOf(usedIn(inserted, text), text);
  const open = points.filter(({ isTicked }) => !isTicked).length;
  if (!points.length) return null;
  const tick = (article, point) => (event) =>
    session.consulting.tick(conversation, article, point, event.currentTarget.checked);
  return html`<fieldset class=${`points ${open ? "" : "is-complete"}`}>
    <legend>${phrase("points")}</legend>
    ${points.map(
      ({ article, point, isTicked }) => html`<label key=${article + point} class="point">
        <input type="checkbox" checked=${isTicked} onChange=${tick(article, point)} /><span>${point}</span></label>`,
    )}
    <span class="points-left" role="status">${open ? phrase("points.left", { count: open }) : phrase("points.complete")}</span>
  </fieldset>`;
}

/** Placeholders that nothing was known for: each leads to its place in the text. */
export function Openings({ conversation, text, isHeld }) {
  const session = useSession();
  const phrase = usePhrase();
  const names = openPlaceholders(session.draft(conversation).inserted, text);
  if (!names.length) return null;
  return html`<div class=${`openings ${isHeld ? "is-held" : ""}`} role=${isHeld ? "alert" : "status"}>
    <span>${phrase(isHeld ? "openings.held" : "openings")}</span>
    ${names.map(
      (name) => html`<button type="button" key=${name}
        onClick=${() => selectIn(document.getElementById("composer"), name)}><${Icon} name="edit" />${name}</button>`,
    )}
  </div>`;
}
