// What is done about conversations afterwards: follow-ups for supervisors, and what was written to this operator. Pure.

/** @typedef {{open: number, late: number}} FollowUpCounts */

/** Frame type → what it changes in the desk's state. The next heartbeat brings the true numbers. */
export const QUALITY_CHANGES = {
  "follow_up.raised"(state, { follow_up }) {
    const { open, late } = state.followUps ?? { open: 0, late: 0 };
    const signal = { kind: "follow_up", conversation: follow_up.conversation, followUp: follow_up };
    return { state: { ...state, followUps: { open: open + 1, late } }, signals: [signal] };
  },

  "coaching.written"(state, { operator, author }) {
    if (operator !== state.operator.id) return { state };
    return {
      state: { ...state, unread: state.unread + 1 },
      signals: [{ kind: "coaching", conversation: "", author }],
    };
  },
};

/** The server's numbers, which repair what was missed. */
export function withQuality(state, { follow_ups: counts = null, unread = 0 }) {
  const isSame = JSON.stringify(counts) === JSON.stringify(state.followUps) && unread === state.unread;
  return isSame ? state : { ...state, followUps: counts, unread };
}

/** "A visitor of Acme gave a 3." */
export function followUpWords(phrase, followUp, organisation) {
  return phrase(`follow_up.${followUp.reason}`, { organisation, mark: followUp.mark });
}

/** What is said of such a signal, and the page behind it; null for any other. */
export function qualityNews(signal, phrase, organisations, config) {
  if (signal.kind === "coaching") {
    return { text: phrase("coaching.written", { name: signal.author }), path: config.coaching_path };
  }
  if (signal.kind !== "follow_up") return null;
  const { organisation } = signal.followUp;
  const name = organisations.get(organisation)?.name ?? organisation;
  return { text: followUpWords(phrase, signal.followUp, name), path: config.follow_ups_path };
}
