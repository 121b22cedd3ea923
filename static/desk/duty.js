// The operator on duty: what they set their presence to, breaks that are over, time they were not heard, cards to read.

import { breakLeft } from "./presence.js";

/** Somebody who comes back to a new page after this long was not missed: their day begins. */
const MISSED_MS = 3_600_000;

/**
 * @param {object} options
 * @param {() => import("./state.js").Desk} options.desk  as it is now
 * @param {(frame: object) => void} options.send  says so itself when there is no connection
 * @param {() => number} options.now  ms, the server's clock
 * @param {() => void} options.onBreakOver
 * @param {() => void} options.onChange
 */
export function openDuty({ desk, send, now, onBreakOver, onChange }) {
  let gone = null;
  let remindedOf = null;
  let cardShown = null;

  return {
    /** `reason` and `minutes` (null: open) are for a break. */
    setPresence: (state, reason = "", minutes = null) => send({ type: "presence.set", state, reason, minutes }),

    /** The server had not heard this operator for so long that what was unanswered went to colleagues. */
    welcomed({ now: until, operator: { gone_since: since } }) {
      if (since && (desk().welcomed || Date.parse(until) - Date.parse(since) < MISSED_MS)) gone = { since, until };
    },
    /** Between which moments the desk could not be heard, until it is dismissed; or null. */
    get gone() {
      return gone;
    },
    dismissGone() {
      gone = null;
      onChange();
    },

    /** Once for each planned end: a break that is over says so. */
    tick() {
      const { presence } = desk().operator;
      if (remindedOf === presence.until || !breakLeft(presence, now())?.isOver) return;
      remindedOf = presence.until;
      onBreakOver();
    },

    /** The client whose card lies open: its short name, or null. */
    get cardShown() {
      return cardShown;
    },
    showCard(organisation) {
      cardShown = organisation;
      onChange();
    },
    fetchCard: (organisation) => send({ type: "card.fetch", organisation }),
    confirmCard: (organisation, version) => send({ type: "card.confirm", organisation, version }),
  };
}
