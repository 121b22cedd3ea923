// What the widget knows, and what each frame of the server changes in it. Pure: frames in, a new state and answers out.

import { applyFacts, emptyThread, gapOf, isFromStaff, resetThread } from "../shared/thread.js";
import { NO_HELP, helped } from "./help.js";

const TYPING_FORGOTTEN_MS = 6_000;
// The same gap is asked for again only when the answer did not come.
const FETCH_AGAIN_MS = 3_000;
const REOPEN_MS = 15 * 60 * 1000;

/**
 * @typedef {object} WidgetState
 * @property {{open: boolean, until: string | null, next_opening: string | null, time_zone: string, label: string}} opening
 * @property {import("../shared/thread.js").Thread} thread  the latest conversation; `conversation` null before the first
 * @property {import("../shared/thread.js").Thread[]} past  earlier conversations that this page saw
 * @property {{name: string, at: number} | null} typing  `at` in ms of the server's clock
 * @property {{since: number, at: number} | null} fetching
 * @property {{position: number, seconds: number | null} | null} queue  the place among those who wait; `seconds` measured
 * @property {import("./help.js").Help} help  articles that may answer what the visitor writes or has asked
 * @property {boolean} loaded  the history, if there is one, is here
 * @property {boolean} fresh  the visitor turned to a new conversation after a closed one
 */

/** @returns {WidgetState} */
export function firstState(opening) {
  const thread = emptyThread();
  return { opening, thread, past: [], typing: null, fetching: null, queue: null, help: NO_HELP, loaded: false, fresh: false };
}

const quiet = (state) => ({ state, answers: [] });

const FRAMES = {
  welcome(state, frame) {
    const next = { ...state, opening: frame.opening, fetching: null, queue: frame.queue ?? null };
    // None on the server although this page holds one: it was erased.
    if (!frame.conversation) return quiet({ ...next, thread: emptyThread(), past: [], loaded: true });
    const known = withConversation(next, frame.conversation.id);
    // Entries follow by themselves when the hello's cursor was behind.
    return quiet({ ...known, loaded: known.loaded || gapOf(known.thread, frame.conversation.last_seq) === null });
  },
  entries(state, frame, now) {
    if (frame.conversation !== state.thread.conversation) return quiet(state);
    const { state: next, answers } = withFacts({ ...state, fetching: null }, frame.entries, now);
    const loaded = { ...next, loaded: true };
    return answers.length || frame.complete ? { state: loaded, answers } : withFetch(loaded, gapOf(next.thread, frame.last_seq), now);
  },
  reset(state, frame, now) {
    if (frame.conversation !== state.thread.conversation) return quiet(state);
    const thread = resetThread(state.thread);
    return withFetch({ ...state, thread, fetching: null, loaded: false }, { since: 0 }, now);
  },
  help: (state, frame) => quiet({ ...state, help: helped(state.help, frame) }),
  opening: (state, frame) => quiet({ ...state, opening: frame.opening }),
  heartbeat(state, frame, now) {
    const known = frame.conversation ? withConversation(state, frame.conversation) : state;
    const next = { ...known, queue: frame.queue ?? null };
    const own = frame.conversation === next.thread.conversation;
    const { state: asked, answers } = withFetch(next, own ? gapOf(next.thread, frame.last_seq) : null, now);
    if (frame.open !== state.opening.open) return { state: asked, answers: [...answers, { type: "opening.fetch" }] };
    return { state: { ...asked, opening: { ...asked.opening, until: frame.until } }, answers };
  },
  ack: (state, frame) => quiet(frame.conversation ? withConversation(state, frame.conversation) : state),
  error: (state, frame) => ({ state, answers: frame.code === "closed_hours" ? [{ type: "opening.fetch" }] : [] }),
  "typing.changed"(state, frame, now) {
    if (frame.side !== "operator" || frame.conversation !== state.thread.conversation) return quiet(state);
    return quiet({ ...state, typing: frame.typing ? { name: frame.name, at: now } : null });
  },
};

/**
 * @param {WidgetState} state
 * @param {object} frame  from the server
 * @param {number} now  ms of the server's clock
 * @returns {{state: WidgetState, answers: object[]}}  frames to send
 */
export function receive(state, frame, now) {
  const change = FRAMES[frame.type] ?? fact;
  const { state: next, answers } = change(state, frame, now);
  const kept = next.thread.kept;
  // Closing time has come: whether it is open decides what stands below the thread, so no heartbeat is waited for.
  const closes = kept?.reason === "closing_time" && kept !== state.thread.kept && next.opening.open;
  return { state: next, answers: closes ? [...answers, { type: "opening.fetch" }] : answers };
}

function fact(state, frame, now) {
  if (typeof frame.seq !== "number") return quiet(state);
  return withFacts(withConversation(state, frame.conversation), [frame], now);
}

/** Ids are uuid v7, so a later conversation has the higher one: an earlier one's echo never takes its place. */
function withConversation(state, conversation) {
  const current = state.thread.conversation;
  if (current !== null && conversation <= current) return state;
  const past = current === null ? state.past : [...state.past, state.thread];
  return { ...state, thread: emptyThread(conversation), past, typing: null, fetching: null, fresh: false };
}

function withFacts(state, facts, now) {
  const { thread, gap } = applyFacts(state.thread, facts);
  const spoke = facts.some((fact) => fact.type === "message.sent" && isFromStaff(fact.sender));
  return withFetch({ ...state, thread, typing: spoke ? null : state.typing }, gap, now);
}

function withFetch(state, gap, now) {
  if (!gap) return quiet(state);
  const asked = state.fetching;
  if (asked && asked.since === gap.since && now - asked.at < FETCH_AGAIN_MS) return quiet(state);
  const fetch = { type: "entries.fetch", conversation: state.thread.conversation, since: gap.since };
  return { state: { ...state, fetching: { since: gap.since, at: now } }, answers: [fetch] };
}

/** Who is typing at this moment, or null. */
export function typingName(state, now) {
  return state.typing && now - state.typing.at < TYPING_FORGOTTEN_MS ? state.typing.name : null;
}

/**
 * The closing time when it is near, else null. `minutes` before it the visitor is told.
 * @param {WidgetState["opening"]} opening
 */
export function closingSoon(opening, minutes, now) {
  if (!opening.open || !opening.until) return null;
  const left = Date.parse(opening.until) - now;
  return left > 0 && left <= minutes * 60_000 ? opening.until : null;
}

/** A closed conversation goes on when the visitor writes within 15 minutes. */
export function mayContinue(thread, now) {
  return thread.state === "closed" && now - Date.parse(thread.closedAt) < REOPEN_MS;
}

/** What stands below the thread: the box to write in, the offline form, where to answer, or the way to a new one. */
export function footing(state, now) {
  const { thread } = state;
  const running = thread.conversation !== null && thread.state !== "closed";
  if (thread.kept && !running && !state.fresh && !state.opening.open) return "kept";
  if (running || (mayContinue(thread, now) && !state.fresh)) return "composer";
  if (!state.opening.open) return "form";
  return thread.conversation === null || state.fresh ? "composer" : "restart";
}

/** The seq up to which this side can say it has read: the last message of the others. */
export function lastIncoming(thread) {
  return thread.entries.findLast((entry) => entry.type === "message.sent" && entry.sender.kind !== "visitor")?.seq ?? 0;
}

/** The place in the queue, while there is one: it ends with the assignment, before a heartbeat says so. */
export function queuePlace(state) {
  return state.thread.conversation !== null && state.thread.state === "waiting" ? state.queue : null;
}

/** The topic that was recognised in the first question, while the visitor may say that it is another. */
export function correctableTopic(thread) {
  const last = thread.entries.findLast((entry) => entry.type === "topic.chosen");
  const isOver = thread.state === "closed" || thread.entries.some((entry) => isFromStaff(entry.sender));
  return last?.sender.kind === "automatic" && !isOver ? last : null;
}

/** The `at` of the first message that waits for an answer, or null. With a specialist, the time told counts instead. */
export function waitingSince(thread) {
  if (thread.state === "closed" || thread.escalation) return null;
  const messages = thread.entries.filter((entry) => entry.type === "message.sent" && entry.sender.kind !== "automatic");
  const answered = messages.findLastIndex((entry) => isFromStaff(entry.sender));
  return messages[answered + 1]?.at ?? null;
}
