// What needs a supervisor now, and whether this screen may call for one.

import { useState } from "preact/hooks";
import { alertWords, byNeed } from "../../shared/alerts.js";
import { Icon } from "../../desk/views/icons.js";
import { html, useSession } from "./base.js";

export function Alerts() {
  const session = useSession();
  const { alerts, clock, phrase } = session;
  if (!alerts.length) return null;
  return html`<section class="alerts" aria-label=${phrase("alerts")}>
    ${byNeed(alerts).map(
      (alert) => html`<div key=${alert.id} class=${`alert ${alert.seen_by ? "is-seen" : ""}`} role="alert">
        <time datetime=${alert.raised_at}>${clock.time(alert.raised_at)}</time>
        <span>${alertWords(phrase, alert, session.clientName(alert.organisation))}</span>
        ${
          alert.seen_by
            ? html`<small>${phrase("alert.seen")}</small>`
            : html`<button type="button" class="button" onClick=${() => session.acknowledge(alert.id)}>
              ${phrase("alert.acknowledge")}</button>`
        }
      </div>`,
    )}
  </section>`;
}

/** Sound on or off, and the one click that a browser wants before it shows notifications. */
export function Calls({ alerts }) {
  const { phrase } = useSession();
  const [isMuted, setMuted] = useState(alerts.isMuted);
  const [canAsk, setCanAsk] = useState(alerts.canAskToNotify);

  function mute() {
    alerts.isMuted = !isMuted;
    setMuted(!isMuted);
  }

  async function ask() {
    await alerts.askToNotify();
    setCanAsk(alerts.canAskToNotify);
  }

  const label = phrase(isMuted ? "sound_on" : "sound_off");
  return html`<button type="button" class="icon-button" aria-label=${label} title=${label} onClick=${mute}>
      <${Icon} name=${isMuted ? "silent" : "sound"} /></button>
    ${canAsk && html`<button type="button" class="button" onClick=${ask}>${phrase("notifications_on")}</button>`}`;
}
