// A thread as the reader sees it: days, messages grouped by sender, notes and quiet lines, in order of time. Pure.

/** Messages of one sender within this time stand together. */
const GROUP_MS = 3 * 60_000;
/** These have no line of their own: what they say shows elsewhere. */
const SILENT = new Set([
  "rating.requested", "rating.answered", "purpose.recorded", "ending.recorded", "specialist.asked", "specialist.accepted",
  "specialist.returned", "callback.promised",
]); // prettier-ignore

/**
 * @param {import("../shared/thread.js").Thread} thread
 * @param {object[]} pending  see pendingEntries
 * @param {(iso: string) => string} dayKey  equal for moments of one calendar day
 * @returns {Array<{kind: "day", key: string, at: string}
 *   | {kind: "group", key: string, sender: object, messages: object[]}
 *   | {kind: "note" | "line", key: string, fact: object}>}
 */
export function timeline(thread, pending, dayKey) {
  const items = [];
  // The mark as it stands: a comment that came after it, or another mark, says it again.
  const lastMark = thread.entries.findLast((entry) => entry.type === "rating.given");
  let day = null;
  for (const fact of [...merge(thread.entries, thread.deskEntries), ...pending]) {
    if (SILENT.has(fact.type) || (fact.type === "rating.given" && fact !== lastMark)) continue;
    const today = dayKey(fact.at);
    if (today !== day) items.push({ kind: "day", key: `day ${today}`, at: fact.at });
    day = today;
    place(items, fact);
  }
  return items;
}

/** Both sequences in order of time; each stays in its own order even if a clock was set back. */
function merge(entries, deskEntries) {
  const merged = [];
  let next = 0;
  for (const entry of entries) {
    while (next < deskEntries.length && Date.parse(deskEntries[next].at) < Date.parse(entry.at))
      merged.push(deskEntries[next++]);
    merged.push(entry);
  }
  return [...merged, ...deskEntries.slice(next)];
}

function place(items, fact) {
  const key = fact.cid ?? fact.id;
  if (fact.type === "note.added" || fact.type === "whisper.added") items.push({ kind: "note", key, fact });
  else if (fact.type !== "message.sent") items.push({ kind: "line", key, fact });
  else {
    const last = items.at(-1);
    if (last?.kind === "group" && continues(last, fact)) last.messages.push(fact);
    else items.push({ kind: "group", key, sender: fact.sender, messages: [fact] });
  }
}

function continues(group, message) {
  const before = group.messages.at(-1);
  const sameSender = group.sender.kind === message.sender.kind && group.sender.id === message.sender.id;
  return sameSender && Date.parse(message.at) - Date.parse(before.at) < GROUP_MS;
}

/** What one message looks like in the inbox, at most. */
const PREVIEW_CHARACTERS = 160;

/** The last words of a thread for its row: `{sender, text, attachments}`, or null. */
export function preview(thread) {
  const last = thread?.entries.findLast((entry) => entry.type === "message.sent" && !entry.deleted);
  if (!last) return null;
  return { sender: last.sender, text: last.body.slice(0, PREVIEW_CHARACTERS), attachments: last.attachments.length };
}
