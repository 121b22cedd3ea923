// The right column: what is known of the visitor. Every word of theirs is text.

import { safeAddress } from "../../shared/text.js";
import { rowOf } from "../state.js";
import { lastOffer } from "../why.js";
import { Escalated } from "./asking.js";
import { Mark, html, languageName, topicLabel, usePhrase, useSession } from "./base.js";
import { IconButton } from "./icons.js";
import { Why } from "./why.js";

export function Facts({ conversation, isOpen, onClose }) {
  const session = useSession();
  const phrase = usePhrase();
  const { desk, clock } = session;
  const details = desk.details.get(conversation);
  const thread = desk.threads.get(conversation);
  const organisation = desk.organisations.get(desk.places.get(conversation));
  const topic = thread?.topic?.slug ?? details?.topic;
  const purpose = thread?.purpose || details?.purpose;
  const row = rowOf(desk, conversation);
  const promises = phrase("facts.promises", {
    first: organisation?.first_reply_seconds,
    follow_up: organisation?.follow_up_seconds,
  });
  const offer = lastOffer(thread, desk.operator.id);
  const operator = (thread?.operator ?? details?.operator)?.name;
  return html`<aside class=${`facts ${isOpen ? "is-open" : ""}`} aria-label=${phrase("facts")}>
    <header class="facts-head">
      <h2>${phrase("facts")}</h2>
      <div class="facts-close"><${IconButton} icon="close" label=${phrase("dismiss")} onClick=${onClose} /></div>
    </header>
    ${
      organisation &&
      html`<div class="facts-organisation">
      <${Mark} organisation=${organisation} />
      <div><strong>${organisation.name}</strong><span class="quiet">${promises}</span>
        ${
          organisation.card &&
          html`<button type="button" class="link" onClick=${() => session.duty.showCard(organisation.slug)}>
            ${phrase("card.open")}</button>`
        }</div>
    </div>`
    }
    <${Escalated} conversation=${conversation} />
    ${!details && html`<p class="loading" role="status">${phrase("loading")}</p>`}
    ${
      details &&
      html`<dl>
      <${Fact} label=${phrase("facts.name")}>${details.visitor.name}<//>
      <${Fact} label=${phrase("facts.email")}>${details.visitor.email}<//>
      <${Fact} label=${phrase("facts.page")}>
        ${details.page.title && html`<span class="page-title">${details.page.title}</span>`}
        ${details.page.url && html`<${Address} address=${details.page.url} />`}
      <//>
      <${Fact} label=${phrase("facts.referrer")}>
        ${details.page.referrer && html`<${Address} address=${details.page.referrer} />`}
      <//>
      <${Fact} label=${phrase("facts.website")}>${details.website}<//>
      <${Fact} label=${phrase("facts.language")}>${languageName(session, details.language)}<//>
      <${Fact} label=${phrase("facts.topic")}>${topic && topicLabel(session, conversation, topic)}<//>
      <${Fact} label=${phrase("facts.opened")}>${clock.full(details.opened_at)}<//>
      <${Fact} label=${phrase("facts.operator")}>${row?.state === "waiting" ? "" : operator}<//>
      <${Fact} label=${phrase("facts.offer")}>${offer && html`<${Why} offer=${offer} />`}<//>
      <${Fact} label=${phrase("facts.purpose")}>${purpose && phrase(`purpose.${purpose}`)}<//>
      <${Fact} label=${phrase("facts.rating")}>
        ${thread?.rating && phrase("facts.mark", { mark: thread.rating.mark })}
      <//>
    </dl>
    ${
      details.previous &&
      html`<button type="button" class="button facts-previous"
      onClick=${() => session.open(details.previous, details.organisation)}>${phrase("facts.previous")}</button>`
    }`
    }
  </aside>`;
}

/** One fact; nothing at all when it is not known. */
function Fact({ label, children }) {
  if (!children || (Array.isArray(children) && !children.some(Boolean))) return null;
  return html`<div class="fact"><dt>${label}</dt><dd>${children}</dd></div>`;
}

function Address({ address }) {
  const href = safeAddress(address);
  const shown = address.replace(/^https?:\/\//, "");
  if (!href) return html`<span class="address">${shown}</span>`;
  return html`<a class="address" href=${href} target="_blank" rel="noopener noreferrer nofollow">${shown}</a>`;
}
