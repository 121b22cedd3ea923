// From a conversation's entries to the rows that are drawn. Pure.

const GROUP_WITHIN_MS = 3 * 60 * 1000;

/**
 * @typedef {object} Row
 * @property {"day" | "bubble" | "line" | "rating"} kind
 * @property {string} key
 * @property {object} [entry]
 * @property {boolean} [first]  of its group: shows who writes
 * @property {boolean} [last]  of its group: shows when, and a picture
 * @property {"sending" | "sent" | "read" | "failed" | null} [delivery]  only where it is shown
 * @property {string} [text]  key of a phrase
 * @property {Record<string, string>} [values]
 * @property {string | null} [moment]  the `{when}` of the phrase
 * @property {boolean} [isTold]  says what becomes of the question: more than a side note
 */

// Facts that are one quiet line; null shows nothing.
const LINES = {
  "conversation.assigned": (entry, seen) => {
    if (!entry.operator) return { text: "line.returned" };
    if (seen.operator === entry.operator.id) return null;
    seen.operator = entry.operator.id;
    return { text: "line.assigned", values: { name: entry.operator.name } };
  },
  "topic.chosen": (entry) => ({
    text: entry.sender.kind === "automatic" ? "line.topic_recognised" : "line.topic",
    values: { topic: entry.label },
  }),
  "conversation.closed": (entry) => ({ text: `line.closed_by_${entry.by}`, values: { name: entry.sender.name } }),
  "conversation.reopened": () => ({ text: "line.reopened" }),
  "specialist.asked": (entry) => withMoment("line.specialist_asked", entry, { name: entry.specialist }),
  "specialist.accepted": (entry) => withMoment("line.specialist_accepted", entry, { name: entry.specialist }),
  "specialist.returned": () => ({ text: "line.specialist_returned", isTold: true }),
  "callback.promised": (entry) => withMoment("line.callback_promised", entry, { name: entry.specialist }),
  "question.kept": (entry) => withMoment(`line.kept.${entry.reason}`, entry),
};

/** A line that says until when, if that is known. */
function withMoment(text, entry, values = {}) {
  return { text: entry.by ? `${text}.by` : text, values, moment: entry.by, isTold: true };
}

/**
 * @param {import("../shared/thread.js").Thread} thread
 * @param {object[]} pending  from pendingEntries
 * @param {(iso: string) => string} dayKey
 * @returns {Row[]}
 */
export function buildRows(thread, pending, dayKey) {
  const rows = [];
  const seen = { operator: null };
  const lastRating = thread.entries.findLast((entry) => entry.type === "rating.requested");
  let day = null;
  for (const entry of [...thread.entries, ...pending]) {
    const row = rowOf(entry, seen, lastRating);
    if (!row) continue;
    const entryDay = dayKey(entry.at);
    if (entryDay !== day) rows.push({ kind: "day", key: `day-${entryDay}`, entry });
    day = entryDay;
    rows.push({ key: entry.cid ?? entry.id, entry, ...row });
  }
  return withDelivery(withGroups(rows), thread);
}

function rowOf(entry, seen, lastRating) {
  if (entry.type === "message.sent") return { kind: "bubble" };
  if (entry.type === "rating.requested") return entry === lastRating ? { kind: "rating" } : null;
  const line = LINES[entry.type]?.(entry, seen);
  return line ? { kind: "line", ...line } : null;
}

function together(left, right) {
  if (left?.kind !== "bubble" || right?.kind !== "bubble") return false;
  const [one, other] = [left.entry.sender, right.entry.sender];
  const same = one.kind === other.kind && (one.kind === "visitor" || one.id === other.id);
  return same && Date.parse(right.entry.at) - Date.parse(left.entry.at) < GROUP_WITHIN_MS;
}

function withGroups(rows) {
  return rows.map((row, index) =>
    row.kind === "bubble"
      ? { ...row, first: !together(rows[index - 1], row), last: !together(row, rows[index + 1]) }
      : row,
  );
}

/** A failed or unsent message always says so; of those that arrived only the newest does. */
function withDelivery(rows, thread) {
  const newest = rows.findLastIndex((row) => row.kind === "bubble" && row.entry.sender.kind === "visitor");
  return rows.map((row, index) => {
    if (row.kind !== "bubble" || row.entry.sender.kind !== "visitor") return row;
    const state = row.entry.delivery ?? (thread.reads.operator >= row.entry.seq ? "read" : "sent");
    const shown = index === newest || state === "failed" || state === "sending";
    return { ...row, delivery: shown ? state : null };
  });
}
