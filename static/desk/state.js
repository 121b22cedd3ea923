// What the desk knows, as the server's frames tell it. Pure: no page, no timers, no storage; a frame and the present
// moment in, a new state out, with the commands that the page must send and what a person should notice.

import { applyFacts, emptyThread, gapOf, resetThread } from "../shared/thread.js";
import { CARD_CHANGES } from "./cards.js";
import { ASKING_CHANGES, isEscalationNews } from "./asking.js";
import { KNOWLEDGE_CHANGES } from "./knowledge.js";
import { newlyRaised } from "../shared/alerts.js";
import { byUrgency } from "./promise.js";
import { belongs, followFact, isMine, putRow, replaceRows } from "./rows.js";
import { QUALITY_CHANGES, withQuality } from "./quality.js";
import { SUPERVISOR_CHANGES, withAlerts } from "./watching.js";

/** A fetch that was not answered by then is asked again. */
const FETCH_MS = 6_000;
const TYPING_MS = 6_000;
/** What stops and starts a row's countdown. */
const PAUSES = new Set(["promise.paused", "promise.resumed"]);
/** Waiting conversations whose text is loaded ahead, so that their rows can show a line of it. */
const WAITING_HELD = 12;

/**
 * @typedef {{conversation: string, organisation: string, state: string, operator: string | null, language: string,
 *   topic: string | null, website: string, last_seq: number, last_desk_seq: number, opened_at: string,
 *   promise: import("./promise.js").OpenPromise | null, paused?: string | null, answered?: boolean}} Row
 *
 * @typedef {{state: "available" | "busy" | "on_break" | "away", reason: string, until: string | null, since: string}} Presence
 *
 * @typedef {object} Desk
 * @property {{id: string, name: string, capacity: number, presence: Presence, gone_since: string | null}} operator
 * @property {Map<string, object>} organisations  by slug, as in `welcome`
 * @property {Map<string, Row>} rows  the inbox, by conversation
 * @property {Row[]} recent  own ones that just left it, newest first; "gone" when it is not known how
 * @property {Map<string, import("../shared/thread.js").Thread>} threads
 * @property {Map<string, object>} details  `conversation` frames
 * @property {Map<string, import("./cards.js").Card>} cards  those that were read, by organisation
 * @property {Map<string, object>} specialists  `specialists` frames, by conversation
 * @property {Map<string, {turn: object | null, typed: object | null}>} suggested  `suggestions` frames, by conversation
 * @property {object | null} found  the last `articles` frame
 * @property {Map<string, object>} articles  `article` frames, by article
 * @property {Map<string, string>} places  conversation → organisation
 * @property {Map<string, number>} typing  conversation → when the visitor last typed, ms
 * @property {Map<string, number>} fetching  what was asked for and not yet answered → when, ms
 * @property {boolean} supervises
 * @property {Map<string, string>} watched  conversation → organisation: what a supervisor reads along
 * @property {import("../shared/alerts.js").Alert[]} alerts  open ones, for supervisors
 * @property {import("./quality.js").FollowUpCounts | null} followUps  for supervisors
 * @property {number} unread  what was written to this operator about their work
 * @property {{conversation: string, operators: object[]} | null} choices  to whom one could be given
 * @property {string | null} selected
 * @property {boolean} welcomed
 *
 * @typedef {{kind: "assigned" | "message" | "departed" | "withdrawn" | "specialist" | "whisper" | "alert" | "follow_up" | "coaching",
 *   conversation: string, reason?: string, alert?: object, followUp?: object, author?: string}} Signal
 */

/** @param {{id: string, name: string}} operator @returns {Desk} */
export function emptyDesk(operator) {
  return {
    operator: { capacity: 0, presence: { state: "away", reason: "", until: null, since: "" }, ...operator },
    organisations: new Map(),
    rows: new Map(),
    recent: [],
    threads: new Map(),
    details: new Map(),
    specialists: new Map(),
    suggested: new Map(),
    found: null,
    articles: new Map(),
    cards: new Map(),
    places: new Map(),
    typing: new Map(),
    fetching: new Map(),
    supervises: false,
    watched: new Map(),
    alerts: [],
    followUps: null,
    unread: 0,
    choices: null,
    selected: null,
    welcomed: false,
  };
}

/** Frame type → what it changes. Each takes (state, frame, moment) and returns {state, commands?, signals?}. */
const CHANGES = {
  ...CARD_CHANGES,
  ...ASKING_CHANGES,
  ...KNOWLEDGE_CHANGES,
  ...SUPERVISOR_CHANGES,
  ...QUALITY_CHANGES,

  welcome(state, frame, moment) {
    const known = {
      ...state,
      operator: frame.operator,
      organisations: new Map(frame.organisations.map((organisation) => [organisation.slug, organisation])),
      fetching: new Map(),
      supervises: Boolean(frame.supervises),
      watched: frame.supervises ? state.watched : new Map(),
      alerts: frame.alerts ?? [],
      welcomed: true,
    };
    const next = replaceRows(withQuality(known, frame), frame.inbox);
    return hold(next, moment);
  },

  inbox(state, frame, moment) {
    const next = replaceRows(without(state, "fetching", "inbox"), frame.inbox);
    return hold(next, moment);
  },

  "inbox.changed": (state, frame, moment) => hold(putRow(state, frame.entry), moment),

  watching: (state, frame, moment) => hold(frame.entry ? putRow(state, frame.entry) : state, moment),

  heartbeat(state, frame, moment) {
    const tops = Object.entries(frame.tops);
    // A row without a thread that moved on may have become ours, and that hint may be what was lost.
    const isNews = ([conversation, [seq]]) =>
      !state.rows.has(conversation) ||
      (!state.threads.has(conversation) && state.rows.get(conversation).last_seq < seq);
    const differs = tops.length !== state.rows.size || tops.some(isNews);
    let result = { state: withQuality(withAlerts(state, frame.alerts), frame), commands: [] };
    if (differs) result = ask(result, "inbox", { type: "inbox.fetch" }, moment);
    for (const [conversation, [seq, deskSeq]] of tops) {
      const thread = state.threads.get(conversation);
      if (thread) result = fetchGap(result, conversation, gapOf(thread, seq, deskSeq), moment);
    }
    return result;
  },

  entries(state, frame, moment) {
    const known = state.threads.get(frame.conversation);
    if (!known) return { state };
    const facts = [...frame.entries, ...frame.desk_entries];
    const { thread } = applyFacts(known, facts);
    let next = without(state, "fetching", frame.conversation);
    for (const fact of frame.entries) next = followFact(next, fact);
    next = putThread(next, thread);
    const moved = thread.last > known.last || thread.deskLast > known.deskLast;
    const gap = moved || !frame.complete ? gapOf(thread, frame.last_seq, frame.last_desk_seq ?? 0) : null;
    let result = { state: next, commands: [] };
    // A pause that is read late: its change of the row was lost as well.
    const isLate = (fact) => PAUSES.has(fact.type) && known.deskLast > 0 && fact.desk_seq > known.deskLast;
    if (frame.desk_entries.some(isLate)) result = ask(result, "inbox", { type: "inbox.fetch" }, moment);
    return fetchGap(result, frame.conversation, gap, moment);
  },

  reset(state, frame, moment) {
    const known = state.threads.get(frame.conversation);
    if (!known) return { state };
    const next = without(putThread(state, resetThread(known)), "fetching", frame.conversation);
    return fetchGap({ state: next, commands: [] }, frame.conversation, { since: 0, desk_since: 0 }, moment);
  },

  conversation(state, frame) {
    const next = without(state, "fetching", `details ${frame.conversation}`);
    return { state: { ...next, details: new Map(next.details).set(frame.conversation, frame) } };
  },

  "page.visited"(state, frame) {
    const known = state.details.get(frame.conversation);
    if (!known) return { state };
    const details = new Map(state.details).set(frame.conversation, { ...known, page: frame.page });
    return { state: { ...state, details } };
  },

  "typing.changed"(state, frame, moment) {
    if (frame.side !== "visitor") return { state };
    if (!frame.typing) return { state: without(state, "typing", frame.conversation) };
    return { state: { ...state, typing: new Map(state.typing).set(frame.conversation, moment) } };
  },

  "presence.changed"(state, frame) {
    if (frame.operator !== state.operator.id) return { state };
    return { state: { ...state, operator: { ...state.operator, presence: frame.presence } } };
  },
};

/** A numbered fact: into its row and its thread. One that is missing is asked for. */
function takeFact(state, fact, moment) {
  let next = followFact(state, fact);
  const byVisitor = fact.type === "message.sent" && fact.sender.kind === "visitor";
  if (byVisitor) next = without(next, "typing", fact.conversation);
  const known = state.threads.get(fact.conversation);
  if (!known) return { state: next };
  const { thread, gap } = applyFacts(known, [fact]);
  const row = state.rows.get(fact.conversation);
  const isNew = byVisitor && row && isMine(state, row) && fact.seq > known.last;
  const isLoss = fact.type === "offer.withdrawn" && fact.operator.id === state.operator.id;
  const signals = isNew ? [{ kind: "message", conversation: fact.conversation }] : [];
  if (isLoss && fact.desk_seq > known.deskLast) {
    signals.push({ kind: "withdrawn", conversation: fact.conversation, reason: fact.reason });
  }
  if (isEscalationNews(fact) && fact.desk_seq > known.deskLast && row && isMine(state, row)) {
    signals.push({ kind: "specialist", conversation: fact.conversation });
  }
  const isForMe = fact.type === "whisper.added" && row && isMine(state, row) && fact.sender.id !== state.operator.id;
  if (isForMe && fact.desk_seq > known.deskLast) signals.push({ kind: "whisper", conversation: fact.conversation });
  return { ...fetchGap({ state: putThread(next, thread), commands: [] }, fact.conversation, gap, moment), signals };
}

/**
 * @param {Desk} state
 * @param {object} frame  any frame of docs/protocol.md; those that change nothing here are let pass
 * @param {number} moment  ms, this computer's clock
 * @returns {{state: Desk, commands: object[], signals: Signal[]}}
 */
export function reduce(state, frame, moment) {
  const numbered = typeof frame.seq === "number" || typeof frame.desk_seq === "number";
  const change = CHANGES[frame.type] ?? (numbered && frame.type !== "ack" ? takeFact : null);
  const result = change ? change(state, frame, moment) : { state };
  const signals = [...(result.signals ?? []), ...changesOfHands(state, result.state), ...news(state, result.state)];
  return { state: result.state, commands: result.commands ?? [], signals };
}

/** Opens a conversation (or none). One that is not in the inbox, such as a previous one, needs its organisation. */
export function select(state, conversation, organisation, moment) {
  const places = organisation ? new Map(state.places).set(conversation, organisation) : state.places;
  const { state: next, commands } = hold({ ...state, selected: conversation, places }, moment);
  return { state: next, commands, signals: [] };
}

/** Reads a conversation along and opens it. Named anew in every `hello`, so that it lasts over connections. */
export function watch(state, conversation, organisation, moment) {
  const watched = new Map(state.watched).set(conversation, organisation);
  const { state: next, commands, signals } = select({ ...state, watched }, conversation, organisation, moment);
  return { state: next, commands: [{ type: "conversation.watch", organisation, conversation }, ...commands], signals };
}

/** Reads it along no longer, and leaves it. */
export function unwatch(state, conversation, moment) {
  const next = without(state, "watched", conversation);
  const row = state.rows.get(conversation);
  const kept = row && !belongs(next, row) ? without(next, "rows", conversation) : next;
  const { state: left, commands, signals } = select({ ...kept, choices: null }, null, null, moment);
  const organisation = state.watched.get(conversation);
  return { state: left, commands: [{ type: "conversation.unwatch", organisation, conversation }, ...commands], signals };
}

/** Whoever typed a while ago and said nothing since has stopped. @param {Desk} state @param {number} moment ms */
export function forgetTyping(state, moment) {
  const typing = new Map([...state.typing].filter(([, since]) => moment - since < TYPING_MS));
  return typing.size === state.typing.size ? state : { ...state, typing };
}

/** The cursors for `hello`. @param {Desk} state @returns {Record<string, [number, number]>} */
export function cursors(state) {
  return Object.fromEntries([...state.threads].map(([id, thread]) => [id, [thread.last, thread.deskLast]]));
}

/** The inbox in the order of the screen. @param {Desk} state */
export function sections(state) {
  const rows = [...state.rows.values()];
  const isWatched = (row) => state.watched.has(row.conversation) && !isMine(state, row);
  return {
    mine: byUrgency(rows.filter((row) => isMine(state, row))),
    watched: byUrgency(rows.filter(isWatched)),
    waiting: byUrgency(rows.filter((row) => row.state === "waiting" && !isWatched(row))),
    recent: state.recent,
  };
}

/** The row of a conversation, in the inbox or just out of it. @param {Desk} state */
export function rowOf(state, conversation) {
  return state.rows.get(conversation) ?? state.recent.find((row) => row.conversation === conversation) ?? null;
}

/** Whether this operator answers this conversation now. @param {Desk} state */
export function isOwn(state, conversation) {
  const row = state.rows.get(conversation);
  return Boolean(row && isMine(state, row));
}

/** Keeps threads for what is on the desk, asks for those that are missing, and lets go of the rest. */
function hold(state, moment) {
  const { mine, watched, waiting, recent } = sections(state);
  const wanted = new Set([...mine, ...watched, ...waiting.slice(0, WAITING_HELD)].map((row) => row.conversation));
  if (state.selected) wanted.add(state.selected);
  const kept = new Set([...wanted, ...recent.map((row) => row.conversation)]);
  const places = new Map(state.places);
  for (const row of [...state.rows.values(), ...recent]) places.set(row.conversation, row.organisation);
  const keep = (map) => new Map([...map].filter(([id]) => kept.has(id)));
  let result = {
    state: {
      ...state,
      places,
      threads: keep(state.threads),
      details: keep(state.details),
      suggested: keep(state.suggested),
      typing: keep(state.typing),
    },
    commands: [],
  };
  for (const id of wanted) {
    if (!result.state.threads.has(id)) {
      result.state = putThread(result.state, emptyThread(id));
      result = fetchGap(result, id, { since: 0, desk_since: 0 }, moment);
    }
    if (!result.state.details.has(id)) {
      const command = { type: "conversation.fetch", organisation: places.get(id), conversation: id };
      result = ask(result, `details ${id}`, command, moment);
    }
  }
  return result;
}

function fetchGap(result, conversation, gap, moment) {
  if (!gap) return result;
  const organisation = result.state.places.get(conversation);
  return ask(result, conversation, { type: "entries.fetch", organisation, conversation, ...gap }, moment);
}

/** Adds a command unless the same thing was asked for a moment ago. */
function ask(result, key, command, moment) {
  const asked = result.state.fetching.get(key);
  if (asked !== undefined && moment - asked < FETCH_MS) return result;
  const fetching = new Map(result.state.fetching).set(key, moment);
  return { ...result, state: { ...result.state, fetching }, commands: [...result.commands, command] };
}

/** What became this operator's, and what was taken away. The first welcome is no news. */
function changesOfHands(before, after) {
  if (before.rows === after.rows || !before.welcomed) return [];
  const assigned = [...after.rows.values()].filter((row) => isMine(after, row) && !isOwn(before, row.conversation));
  const departed = [...before.rows.values()].filter(
    (row) =>
      isMine(before, row) && !isOwn(after, row.conversation) && rowOf(after, row.conversation)?.state !== "closed",
  );
  return [
    ...assigned.map(({ conversation }) => ({ kind: "assigned", conversation })),
    ...departed.map(({ conversation }) => ({ kind: "departed", conversation })),
  ];
}

/** Alerts that began since. Those that were open at the first welcome are no news. */
function news(before, after) {
  if (before.alerts === after.alerts || !before.welcomed) return [];
  return newlyRaised(before.alerts, after.alerts).map((alert) => ({ kind: "alert", conversation: "", alert }));
}

function putThread(state, thread) {
  return { ...state, threads: new Map(state.threads).set(thread.conversation, thread) };
}

function without(state, field, key) {
  if (!state[field].has(key)) return state;
  const copy = new Map(state[field]);
  copy.delete(key);
  return { ...state, [field]: copy };
}
