// A client's card, over the desk: read it, and say that you did.

import { useEffect } from "preact/hooks";
import { PARTS, isUnconfirmed, linesOf } from "../cards.js";
import { Mark, html, usePhrase, useSession } from "./base.js";
import { Icon } from "./icons.js";
import { showModal } from "./images.js";

export function CardDialog({ slug }) {
  const session = useSession();
  const phrase = usePhrase();
  const { duty, desk } = session;
  const organisation = desk.organisations.get(slug);
  const card = desk.cards.get(slug);
  const version = organisation?.card?.version;
  useEffect(() => {
    if (version && card?.version !== version) duty.fetchCard(slug);
  }, [slug, version]);
  if (!organisation) return null;
  const isOpen = isUnconfirmed(organisation);
  const title = phrase(isOpen ? "card.title" : "card.title_confirmed", { organisation: organisation.name });
  const close = () => duty.showCard(null);
  const clicked = (event) => event.target === event.currentTarget && event.currentTarget.close();

  function confirm(event) {
    duty.confirmCard(slug, card.version);
    event.currentTarget.closest("dialog").close();
  }

  return html`<dialog class="help card" ref=${showModal} onClose=${close} onClick=${clicked} aria-label=${title}>
    <div class="help-inner">
      <header><${Mark} organisation=${organisation} size="is-large" /><h2>${title}</h2>
        <form method="dialog">
          <button class="icon-button" aria-label=${phrase("dismiss")}><${Icon} name="close" /></button>
        </form></header>
      ${!card && html`<p class="loading" role="status">${phrase("loading")}</p>`}
      ${
        card &&
        html`<p class="quiet">${phrase("card.version", {
          version: card.version,
          time: session.clock.full(card.published_at),
        })}${card.before && html` · <mark>${phrase("card.marked")}</mark>`}</p>
      <div class="card-parts">${PARTS.map((part) => html`<${Part} key=${part} part=${part} card=${card} />`)}</div>`
      }
      ${
        card &&
        isOpen &&
        html`<footer class="card-foot"><p>${phrase("card.consequence", { organisation: organisation.name })}</p>
        <button type="button" class="button button-main" onClick=${confirm}>${phrase("card.confirm")}</button></footer>`
      }
    </div>
  </dialog>`;
}

/** One part, line by line; what is new since the last confirmation is marked. */
function Part({ part, card }) {
  const phrase = usePhrase();
  const lines = linesOf(card.text[part], card.before?.[part]);
  if (!lines.length) return null;
  return html`<section class=${`card-part is-${part}`}>
    <h3>${phrase(`card.${part}`)}</h3>
    <ul>${lines.map(
      ({ text, isNew }) => html`<li key=${text}>${isNew ? html`<mark>${text}</mark>` : text}</li>`,
    )}</ul>
  </section>`;
}
