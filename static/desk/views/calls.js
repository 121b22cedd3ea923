// What the desk wants of its operator now: cards to read, visitors who wait during a break, a break that is over.

import { unconfirmed } from "../cards.js";
import { breakLeft, handover } from "../presence.js";
import { sections } from "../state.js";
import { html, usePhrase, useSession, useTicking } from "./base.js";
import { IconButton } from "./icons.js";

const TICK_MS = 1_000;
const MORE_MINUTES = 10;

export function Calls() {
  const session = useSession();
  if (!session.desk.welcomed) return null;
  return html`<div class="calls">
    <${Gone} /><${Handover} /><${BreakOver} />
    ${unconfirmed(session.desk).map((organisation) => html`<${Card} key=${organisation.slug} organisation=${organisation} />`)}
  </div>`;
}

function Call({ look = "", text, children }) {
  return html`<div class=${`call ${look}`} role="status"><p>${text}</p><div class="call-actions">${children}</div></div>`;
}

function Gone() {
  const session = useSession();
  const phrase = usePhrase();
  const { gone } = session.duty;
  if (!gone) return null;
  const times = { since: session.clock.time(gone.since), until: session.clock.time(gone.until) };
  return html`<${Call} look="is-warn" text=${phrase("call.gone", times)}>
    <${IconButton} icon="close" label=${phrase("dismiss")} onClick=${session.duty.dismissGone} />
  <//>`;
}

function Handover() {
  const session = useSession();
  const phrase = usePhrase();
  useTicking(TICK_MS);
  const { mine } = sections(session.desk);
  const found = handover(session.desk.operator.presence, mine, session.clock.now(), session.config.grace_seconds);
  if (!found) return null;
  const first = mine.find((row) => row.promise).conversation;
  // A screen reader hears of it once, not every second.
  const text = phrase(found.seconds ? "call.handover" : "call.handed_over", found);
  return html`<div class="call is-broken" role="alert" aria-live="off"><p>${text}</p>
    <div class="call-actions"><button type="button" class="link" onClick=${() => session.open(first)}>
      ${phrase("call.answer")}</button></div></div>`;
}

function BreakOver() {
  const session = useSession();
  const phrase = usePhrase();
  useTicking(TICK_MS);
  const { presence } = session.desk.operator;
  const left = breakLeft(presence, session.clock.now());
  if (!left?.isOver) return null;
  const { duty } = session;
  const more = () => duty.setPresence("on_break", presence.reason, MORE_MINUTES);
  return html`<${Call} look="is-warn" text=${phrase("break.over")}>
    <button type="button" class="button button-main" onClick=${() => duty.setPresence("available")}>
      ${phrase("break.back")}</button>
    <button type="button" class="link" onClick=${more}>${phrase("break.more", { count: MORE_MINUTES })}</button>
  <//>`;
}

function Card({ organisation }) {
  const session = useSession();
  const phrase = usePhrase();
  const key = organisation.card.confirmed ? "call.card_changed" : "call.card_new";
  return html`<${Call} text=${phrase(key, { organisation: organisation.name })}>
    <button type="button" class="button" onClick=${() => session.duty.showCard(organisation.slug)}>
      ${phrase("card.read")}</button>
  <//>`;
}
