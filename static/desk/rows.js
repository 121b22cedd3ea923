// The inbox's rows. Pure: each function takes the desk's state and returns a changed copy.

import { isFromStaff } from "../shared/thread.js";
import { promiseAfter } from "./promise.js";

/** Closed conversations stay within reach for a while. */
const RECENT_ROWS = 5;

/** Whether this row belongs in this operator's inbox. What waits of clients that only a supervisor sees does not,
 * unless they watch it. @param {object} state @param {object} row */
export function belongs(state, row) {
  if (row.state !== "waiting" && row.state !== "assigned") return false;
  if (state.watched.has(row.conversation)) return true;
  if (row.state === "waiting") return state.organisations.get(row.organisation)?.answers !== false;
  return isMine(state, row);
}

/** Whether this operator answers for anybody: somebody who only supervises does not. @param {object} state */
export function answersFor(state) {
  return !state.supervises || [...state.organisations.values()].some(({ answers }) => answers);
}

export function isMine(state, row) {
  return row.state === "assigned" && row.operator === state.operator.id;
}

/** The server's whole list replaces ours. One of our own that left it meanwhile is closed, or gone who knows where. */
export function replaceRows(state, entries) {
  const rows = new Map(entries.filter((row) => belongs(state, row)).map((row) => [row.conversation, row]));
  let next = state;
  for (const row of state.rows.values()) {
    if (rows.has(row.conversation) || !isMine(state, row)) continue;
    const isClosed = state.threads.get(row.conversation)?.state === "closed";
    next = remember(next, { ...row, state: isClosed ? "closed" : "gone" });
  }
  return { ...next, rows, recent: next.recent.filter((row) => !rows.has(row.conversation)) };
}

/** One row as the server knows it. A hint that was overtaken by a message does not take the message's promise back. */
export function putRow(state, entry) {
  const known = state.rows.get(entry.conversation);
  if (!belongs(state, entry)) return dropRow(state, entry.conversation, entry);
  const overtaken = known && entry.last_seq < known.last_seq;
  const row = overtaken ? { ...entry, last_seq: known.last_seq, promise: known.promise } : entry;
  return {
    ...state,
    rows: new Map(state.rows).set(entry.conversation, row),
    recent: state.recent.filter((old) => old.conversation !== entry.conversation),
  };
}

/** Takes a row out of the inbox. One of our own stays among the recent ones, in the state given. */
export function dropRow(state, conversation, entry = {}) {
  const known = state.rows.get(conversation);
  if (!known) return state;
  const rows = new Map(state.rows);
  rows.delete(conversation);
  const next = { ...state, rows };
  return isMine(state, known) ? remember(next, { ...known, state: "closed", ...entry }) : next;
}

function remember(state, row) {
  const others = state.recent.filter((old) => old.conversation !== row.conversation);
  return { ...state, recent: [{ ...row, promise: null }, ...others].slice(0, RECENT_ROWS) };
}

/** What one numbered fact does to its row. Facts that the row already counts change nothing. */
export function followFact(state, fact) {
  const row = state.rows.get(fact.conversation);
  if (!row || !(fact.seq > row.last_seq)) return state;
  const change = FOLLOW[fact.type];
  const seen = { ...row, last_seq: fact.seq };
  return change ? change(state, seen, fact) : set(state, seen);
}

function set(state, row) {
  return { ...state, rows: new Map(state.rows).set(row.conversation, row) };
}

/** Fact type → what it changes in the row. */
const FOLLOW = {
  "message.sent"(state, row, fact) {
    const answered = row.answered || hasAnswer(state.threads.get(row.conversation));
    const isAnswer = isFromStaff(fact.sender);
    // An answer ends the pause of its turn; a pause for a specialist is the conversation's, and stays.
    const paused = isAnswer && row.paused === "outside_hours" ? null : (row.paused ?? null);
    const organisation = state.organisations.get(row.organisation);
    return set(state, {
      ...row,
      paused,
      promise: paused ? null : promiseAfter(row.promise, fact, organisation, answered),
      answered: answered || isAnswer,
    });
  },
  "topic.chosen": (state, row, fact) => set(state, { ...row, topic: fact.topic }),
  "conversation.closed": (state, row) => dropRow(state, row.conversation),
  "conversation.assigned"(state, row, fact) {
    const operator = fact.operator?.id ?? null;
    return putRow(state, { ...row, operator, state: operator ? "assigned" : "waiting" });
  },
};

/** Whether an operator has written in the part of the conversation that the page holds. */
function hasAnswer(thread) {
  return Boolean(thread?.entries.some((entry) => entry.type === "message.sent" && isFromStaff(entry.sender)));
}
