// One conversation as its facts tell it. Pure: no page, no timers, no storage; everything in, a new value out.

/**
 * @typedef {{kind: "visitor" | "operator" | "specialist" | "automatic" | "system", id: string | null, name: string}} Sender
 * @typedef {{id: string, name: string, content_type: string, size: number, width: number, height: number}} Attachment
 *
 * A fact as docs/protocol.md has it. What the reader sees of a message is kept up to date in its entry: `body`,
 * `attachments`, `edited`, `deleted`.
 * @typedef {{type: string, conversation: string, seq?: number, desk_seq?: number, id: string, at: string, sender: Sender}} Fact
 *
 * @typedef {{question: string, text: string, answers: string[]}} Question  an answer is its place in `answers`, from 1
 *
 * @typedef {object} Thread
 * @property {string | null} conversation
 * @property {number} last  highest `seq` applied; everything up to it has been applied
 * @property {number} deskLast  the same for `desk_seq`
 * @property {Record<number, Fact>} aside  facts above a gap, by `seq`
 * @property {Record<number, Fact>} deskAside  the same by `desk_seq`
 * @property {Fact[]} entries  what has a place in the history, in order of `seq`: messages, assignments, closing, …
 * @property {Fact[]} deskEntries  notes, offers, warnings …, in order of `desk_seq`
 * @property {"waiting" | "assigned" | "closed"} state
 * @property {{id: string, name: string} | null} operator  who answers
 * @property {{slug: string, label: string}[]} topics  those that were asked, until one is chosen
 * @property {{slug: string, label: string} | null} topic
 * @property {{specialist: string, state: "asked" | "accepted", by: string | null} | null} escalation  with whom of the
 *   organisation's own people the question is, and by when the visitor was told to hear from them
 * @property {{reason: "closing_time" | "escalation" | "call_back", by: string | null} | null} kept  the question is
 *   answered later
 * @property {{visitor: number, operator: number}} reads  read up to and including this `seq`, by side
 * @property {boolean} ratingRequested
 * @property {{until: string | null, questions: Question[]} | null} asked  what the visitor is asked beside the mark
 * @property {{mark: number, comment: string, at: string} | null} rating  `at`: when a mark was given for the first time
 * @property {Record<string, number | null>} answers  by question; null: skipped
 * @property {string | null} closedAt
 * @property {string} purpose
 * @property {{lead: boolean | null, mood_start: number | null, mood_end: number | null} | null} ending  as noted last
 */

/** @returns {Thread} */
export function emptyThread(conversation = null) {
  return {
    conversation,
    last: 0,
    deskLast: 0,
    aside: {},
    deskAside: {},
    entries: [],
    deskEntries: [],
    state: "waiting",
    operator: null,
    topics: [],
    topic: null,
    escalation: null,
    kept: null,
    reads: { visitor: 0, operator: 0 },
    ratingRequested: false,
    asked: null,
    rating: null,
    answers: {},
    closedAt: null,
    purpose: "",
    ending: null,
  };
}

/** Continuity cannot be proven: the same conversation, with nothing known of it. @returns {Thread} */
export function resetThread(thread) {
  return emptyThread(thread.conversation);
}

// From the type of a fact to what it changes. Each gets a draft that may be written to, whose lists are its own.
const CHANGES = {
  "message.sent": (draft, fact) => {
    const deleted = fact.body === "" && fact.attachments.length === 0;
    if (isFromStaff(fact.sender) && draft.kept?.reason !== "call_back") draft.kept = null;
    if (fact.sender.kind === "specialist") draft.escalation = null;
    draft.entries.push({ ...fact, deleted, edited: false });
  },
  "message.edited": (draft, fact) => replaceMessage(draft, fact.target, { body: fact.body, edited: true }),
  "message.deleted": (draft, fact) =>
    replaceMessage(draft, fact.target, { body: "", attachments: [], deleted: true }),
  "read.marked": (draft, fact) => {
    const side = fact.sender.kind;
    if (side in draft.reads) draft.reads[side] = Math.max(draft.reads[side], fact.upto);
  },
  "topic.asked": (draft, fact) => {
    draft.topics = draft.topic ? [] : fact.topics;
    draft.entries.push(fact);
  },
  "topic.chosen": (draft, fact) => {
    draft.topic = { slug: fact.topic, label: fact.label };
    draft.topics = [];
    draft.entries.push(fact);
  },
  "conversation.assigned": (draft, fact) => {
    draft.operator = fact.operator;
    if (draft.state !== "closed") draft.state = fact.operator ? "assigned" : "waiting";
    draft.entries.push(fact);
  },
  "conversation.closed": (draft, fact) => {
    draft.state = "closed";
    draft.escalation = null;
    draft.closedAt = fact.at;
    draft.entries.push(fact);
  },
  "conversation.reopened": (draft, fact) => {
    draft.state = draft.operator ? "assigned" : "waiting";
    draft.closedAt = null;
    draft.kept = null;
    draft.ratingRequested = false;
    draft.entries.push(fact);
  },
  "specialist.asked": (draft, fact) => escalate(draft, fact, "asked"),
  "specialist.accepted": (draft, fact) => escalate(draft, fact, "accepted"),
  "specialist.returned": (draft, fact) => endEscalation(draft, fact),
  "callback.promised": (draft, fact) => {
    draft.kept = { reason: "call_back", by: fact.by };
    endEscalation(draft, fact);
  },
  "question.kept": (draft, fact) => {
    draft.kept = { reason: fact.reason, by: fact.by };
    endEscalation(draft, fact);
  },
  "rating.requested": (draft, fact) => {
    draft.ratingRequested = true;
    draft.asked = { until: fact.until ?? null, questions: fact.questions ?? [] };
    draft.entries.push(fact);
  },
  "rating.given": (draft, fact) => {
    draft.rating = { mark: fact.mark, comment: fact.comment, at: draft.rating?.at ?? fact.at };
    draft.answers = { ...draft.answers, mark: undefined };
    draft.entries.push(fact);
  },
  "rating.answered": (draft, fact) => {
    draft.answers = { ...draft.answers, [fact.question]: fact.answer };
    draft.entries.push(fact);
  },
  "note.added": (draft, fact) => draft.deskEntries.push(fact),
  "whisper.added": (draft, fact) => draft.deskEntries.push(fact),
  "offer.made": (draft, fact) => draft.deskEntries.push(fact),
  "offer.withdrawn": (draft, fact) => draft.deskEntries.push(fact),
  "promise.warned": (draft, fact) => draft.deskEntries.push(fact),
  "promise.broken": (draft, fact) => draft.deskEntries.push(fact),
  "promise.paused": (draft, fact) => draft.deskEntries.push(fact),
  "promise.resumed": (draft, fact) => draft.deskEntries.push(fact),
  "supervisor.alerted": (draft, fact) => draft.deskEntries.push(fact),
  "escalation.moved": (draft, fact) => draft.deskEntries.push(fact),
  "ending.recorded": (draft, fact) => {
    draft.ending = { lead: fact.lead, mood_start: fact.mood_start, mood_end: fact.mood_end };
    draft.deskEntries.push(fact);
  },
  "purpose.recorded": (draft, fact) => {
    draft.purpose = fact.purpose;
    draft.deskEntries.push(fact);
  },
};

function escalate(draft, fact, state) {
  draft.escalation = { specialist: fact.specialist, state, by: fact.by };
  draft.entries.push(fact);
}

function endEscalation(draft, fact) {
  draft.escalation = null;
  draft.entries.push(fact);
}

function replaceMessage(draft, seq, changes) {
  const index = draft.entries.findIndex((entry) => entry.type === "message.sent" && entry.seq === seq);
  if (index >= 0 && !draft.entries[index].deleted) draft.entries[index] = { ...draft.entries[index], ...changes };
}

/**
 * The catching-up rule: a number that was applied is dropped, the next one is applied, a higher one is kept aside.
 * Facts may come in any order and any number of times; those of other conversations, or without a number, do nothing.
 *
 * @param {Thread} thread
 * @param {Fact[]} facts
 * @returns {{thread: Thread, gap: {since: number, desk_since: number} | null}}  a gap asks for `entries.fetch`
 */
export function applyFacts(thread, facts) {
  const draft = {
    ...thread,
    aside: { ...thread.aside },
    deskAside: { ...thread.deskAside },
    entries: thread.entries.slice(),
    deskEntries: thread.deskEntries.slice(),
    reads: { ...thread.reads },
  };
  for (const fact of facts) {
    if (fact.conversation !== thread.conversation) continue;
    if (fact.seq > draft.last) draft.aside[fact.seq] = fact;
    if (fact.desk_seq > draft.deskLast) draft.deskAside[fact.desk_seq] = fact;
    applyWaiting(draft, "aside", "last");
    applyWaiting(draft, "deskAside", "deskLast");
  }
  return { thread: draft, gap: gapOf(draft) };
}

function applyWaiting(draft, aside, last) {
  for (let fact = draft[aside][draft[last] + 1]; fact; fact = draft[aside][draft[last] + 1]) {
    draft[last] += 1;
    delete draft[aside][draft[last]];
    // A type this page does not know yet takes its number and shows nothing.
    CHANGES[fact.type]?.(draft, fact);
  }
}

/**
 * What to fetch, given the tops that a welcome, a heartbeat or an incomplete `entries` told; null when nothing is missing.
 * @returns {{since: number, desk_since: number} | null}
 */
export function gapOf(thread, lastSeq = 0, lastDeskSeq = 0) {
  const missing = lastSeq > thread.last || Object.keys(thread.aside).length > 0;
  const deskMissing = lastDeskSeq > thread.deskLast || Object.keys(thread.deskAside).length > 0;
  return missing || deskMissing ? { since: thread.last, desk_since: thread.deskLast } : null;
}

/**
 * What is still in the outbox of this thread, as entries behind its history. One that has become a fact is left out.
 *
 * @param {Thread} thread
 * @param {import("./outbox.js").OutboxItem[]} items  of this conversation; other commands than messages and notes are left out
 * @param {Sender} sender  who is writing on this page
 * @returns {Array<Fact & {delivery: "sending" | "sent" | "failed", refusal: string}>}
 */
export function pendingEntries(thread, items, sender) {
  const facts = new Set([...thread.entries, ...thread.deskEntries].map((entry) => entry.cid));
  return items
    .filter((item) => item.frame.type in PENDING_TYPES && !facts.has(item.cid))
    .map((item) => ({
      type: PENDING_TYPES[item.frame.type],
      conversation: thread.conversation,
      cid: item.cid,
      id: item.cid,
      at: new Date(item.at).toISOString(),
      sender,
      body: item.frame.body,
      attachments: item.attachments,
      deleted: false,
      edited: false,
      delivery: item.state,
      refusal: item.message,
    }));
}

const PENDING_TYPES = { "message.send": "message.sent", "note.add": "note.added", "whisper.add": "whisper.added" };

/** Whether a person of the desk or of the organisation said it. */
export function isFromStaff(sender) {
  return sender.kind === "operator" || sender.kind === "specialist";
}

/** How many messages of the other side came after this side's read mark. */
export function unreadCount(thread, side) {
  return thread.entries.filter(
    ({ type, sender, seq }) =>
      type === "message.sent" &&
      (side === "visitor" ? isFromStaff(sender) : sender.kind === "visitor") &&
      seq > thread.reads[side],
  ).length;
}
