// What supervisors see beside everybody else's desk: alerts, and what they can do in a conversation of somebody else.

import { useEffect, useState } from "preact/hooks";
import { alertWords, byNeed } from "../../shared/alerts.js";
import { PURPOSES } from "../keys.js";
import { isOwn } from "../state.js";
import { html, usePhrase, useSession } from "./base.js";

/** Above everything: what needs a supervisor now. */
export function Alerts() {
  const session = useSession();
  const phrase = usePhrase();
  const { alerts, organisations } = session.desk;
  if (!alerts.length) return null;
  return html`<section class="alerts" aria-label=${phrase("alerts")}>
    ${byNeed(alerts).map(
      (alert) => html`<div key=${alert.id} class=${`alert ${alert.seen_by ? "is-seen" : ""}`} role="alert">
        <time datetime=${alert.raised_at}>${session.clock.time(alert.raised_at)}</time>
        <span>${alertWords(phrase, alert, organisations.get(alert.organisation)?.name ?? "")}</span>
        ${
          alert.seen_by
            ? html`<small>${phrase("alert.seen")}</small>`
            : html`<button type="button" class="link" onClick=${() => session.supervising.acknowledge(alert.id)}>
              ${phrase("alert.acknowledge")}</button>`
        }
      </div>`,
    )}
  </section>`;
}

/** Under the head of a conversation that is not the supervisor's own. */
export function WatchBar({ conversation, row }) {
  const session = useSession();
  const phrase = usePhrase();
  const [open, setOpen] = useState(null);
  const { desk, supervising } = session;
  useEffect(() => setOpen(null), [conversation]);
  if (!desk.supervises || isOwn(desk, conversation)) return null;
  const state = row?.state ?? desk.threads.get(conversation)?.state ?? "closed";
  const isWatching = supervising.isWatching(conversation);
  const holder = desk.threads.get(conversation)?.operator?.name;
  const said = state === "assigned" && holder ? "watch.held" : state === "waiting" ? "watch.waiting" : "watch.closed";
  const toggle = (name) => {
    if (name === "reassign" && open !== name) supervising.fetchOperators(conversation);
    setOpen(open === name ? null : name);
  };
  return html`<section class="watch" aria-label=${phrase("watch")}>
    <div class="watch-bar">
      <p>${isWatching && html`<strong>${phrase("watch.on")}</strong> `}${phrase(said, { name: holder })}</p>
      <div class="watch-actions">
        ${
          state !== "closed" &&
          html`<button type="button" class="button button-main" onClick=${() => supervising.takeOver(conversation)}>
            ${phrase("watch.take_over")}</button>
          <button type="button" class="button" aria-expanded=${open === "reassign"}
            onClick=${() => toggle("reassign")}>${phrase("watch.reassign")}</button>
          <button type="button" class="button" aria-expanded=${open === "close"}
            onClick=${() => toggle("close")}>${phrase("watch.close")}</button>`
        }
        ${
          isWatching
            ? html`<button type="button" class="button" onClick=${() => supervising.unwatch(conversation)}>
              ${phrase("watch.stop")}</button>`
            : html`<button type="button" class="button"
              onClick=${() => supervising.watch(desk.places.get(conversation), conversation)}>
              ${phrase("watch.start")}</button>`
        }
      </div>
    </div>
    ${open === "reassign" && html`<${Choices} conversation=${conversation} onDone=${() => setOpen(null)} />`}
    ${
      open === "close" &&
      html`<div class="watch-more" role="group" aria-label=${phrase("close_as")}>
        ${PURPOSES.map(
          (purpose) => html`<button type="button" key=${purpose} class="button"
            onClick=${() => supervising.close(conversation, purpose)}>${phrase(`purpose.${purpose}`)}</button>`,
        )}
      </div>`
    }
  </section>`;
}

function Choices({ conversation, onDone }) {
  const session = useSession();
  const phrase = usePhrase();
  const { choices, threads } = session.desk;
  const holder = threads.get(conversation)?.operator?.id;
  if (choices?.conversation !== conversation) {
    return html`<p class="watch-more quiet" role="status">${phrase("loading")}</p>`;
  }
  const others = choices.operators.filter(({ id }) => id !== holder);
  const give = (operator) => {
    session.supervising.reassign(conversation, operator);
    onDone();
  };
  return html`<ul class="watch-more choices-list">
    ${others.length === 0 && html`<li class="quiet">${phrase("watch.nobody")}</li>`}
    ${others.map(
      (one) => html`<li key=${one.id}>
        <button type="button" class="choice-row" disabled=${!one.can_take} onClick=${() => give(one.id)}>
          <strong>${one.name}</strong>
          <span class="quiet">${whyNot(phrase, one)}</span>
          <span class="choice-load">${phrase("count_of", { count: round(one.load), capacity: one.capacity })}</span>
        </button>
      </li>`,
    )}
  </ul>`;
}

function whyNot(phrase, one) {
  if (!one.is_trained) return phrase("choice.untrained");
  const words = [phrase(`presence.${one.state}`)];
  if (!one.speaks_language) words.push(phrase("choice.language"));
  return words.join(" · ");
}

const round = (load) => Math.round(load * 10) / 10;
