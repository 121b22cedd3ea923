// Why a conversation went to whom, and why it left, in phrases. Pure: facts in, [key, values] out.

/** What may have decided; anything else was not kept. */
const DECIDED = new Set([
  "language", "helped_before", "waiting", "load", "idle", "taken_last_hour", "free_places", "order", "only_one", "taken",
  "taken_over", "reassigned",
]); // prettier-ignore
const BY_HAND = new Set(["taken", "taken_over", "reassigned"]);
const LONG_IDLE_SECONDS = 90;

/**
 * @param {object} fact  offer.made; old ones kept less
 * @param {string} language  the conversation's, in the reader's words
 * @returns {{reasons: {key: string, values: object, decided: boolean}[], decidedBy: string | null}}
 */
export function reasonsOf({ reasons }, language) {
  const decidedBy = DECIDED.has(reasons.decided_by) ? reasons.decided_by : null;
  const found = [];
  const add = (criterion, key, values = {}) => found.push({ key, values, decided: criterion === decidedBy });
  add("language", reasons.speaks_language ? "why.language" : "why.no_language", { language });
  if (reasons.helped_before) add("helped_before", "why.helped_before");
  if (reasons.waiting || decidedBy === "waiting") add("waiting", "why.waiting", { count: reasons.waiting });
  add("load", "why.load", { load: Number(reasons.load.toFixed(1)), capacity: reasons.capacity });
  if (!BY_HAND.has(decidedBy)) {
    const idle = reasons.idle_seconds ?? null;
    if (idle === null) add("idle", "why.never_offered");
    else if (idle < LONG_IDLE_SECONDS) add("idle", "why.idle_seconds", { count: Math.round(idle) });
    else add("idle", "why.idle_minutes", { count: Math.round(idle / 60) });
    if (decidedBy) add("taken_last_hour", "why.taken_last_hour", { count: reasons.taken_last_hour });
    add("only_one", "why.candidates", { count: reasons.candidates });
  }
  if (reasons.previous && reasons.attempt > 1) {
    add(null, "why.previous", { name: reasons.previous.name, count: reasons.attempt });
  }
  return { reasons: found, decidedBy };
}

/** The offer by which this operator got the conversation, if any. @param {object} thread @param {string} operator id */
export function lastOffer(thread, operator) {
  return thread?.deskEntries.findLast((fact) => fact.type === "offer.made" && fact.operator.id === operator) ?? null;
}

/** Why this operator lost the conversation last: a reason of offer.withdrawn, or null when it was not that. */
export function lossOf(thread, operator) {
  const last = thread?.deskEntries.findLast(
    (fact) => (fact.type === "offer.made" || fact.type === "offer.withdrawn") && fact.operator.id === operator,
  );
  return last?.type === "offer.withdrawn" ? last.reason : null;
}
