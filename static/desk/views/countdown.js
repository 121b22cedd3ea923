// The promise of a conversation, running out: a ring around the seconds that are left, or how long it is overdue.

import { countdown } from "../promise.js";
import { html, usePhrase, useSession, useTicking } from "./base.js";

const TICK_MS = 250;
const RADIUS = 15;
const LENGTH = 2 * Math.PI * RADIUS;
const LONG_SECONDS = 100;

export function Countdown({ promise, large = false }) {
  const session = useSession();
  const phrase = usePhrase();
  useTicking(TICK_MS);
  const { phase, seconds, share } = countdown(promise, session.clock.now());
  const spoken = phrase(phase === "broken" ? "promise.overdue" : "promise.left", { count: seconds });
  const shown = seconds < LONG_SECONDS ? seconds : phrase("minutes_short", { count: Math.floor(seconds / 60) });
  const looks = `countdown is-${phase} ${large ? "is-large" : ""}`;
  const left = { strokeDasharray: LENGTH, strokeDashoffset: LENGTH * (1 - share) };
  return html`<span class=${looks} role="timer" aria-label=${spoken} title=${spoken}>
    <svg viewBox="0 0 36 36" aria-hidden="true">
      <circle class="track" cx="18" cy="18" r=${RADIUS} />
      <circle class="left" cx="18" cy="18" r=${RADIUS} style=${left} />
    </svg>
    <span class="seconds" aria-hidden="true">${phase === "broken" ? "+" : ""}${shown}</span>
  </span>`;
}

/** The same in words, for the head of a conversation. */
export function PromiseWords({ promise }) {
  const session = useSession();
  const phrase = usePhrase();
  useTicking(TICK_MS);
  const { phase } = countdown(promise, session.clock.now());
  return html`<span class=${`promise-words is-${phase}`}>${phrase(`promise.${promise.kind}.${phase}`)}</span>`;
}
