// What the guest page knows, and what each answer changes in it. Pure: no page, no timers, no storage.

import { applyFacts, emptyThread, resetThread } from "../shared/thread.js";

/**
 * @typedef {object} GuestState
 * @property {"closed" | "open" | "over" | "invalid"} phase  before the link is spent, while the question is here, when it
 *   has ended, when the link opens nothing
 * @property {object | null} question  the `question` frame
 * @property {import("../shared/thread.js").Thread} thread
 */

/** @returns {GuestState} */
export function firstState() {
  return { phase: "closed", question: null, thread: emptyThread() };
}

/**
 * @param {GuestState} state
 * @param {object} frame  of an answer
 * @returns {GuestState}
 */
export function take(state, frame) {
  if (frame.type === "question") {
    const known = state.thread.conversation === frame.conversation ? state.thread : emptyThread(frame.conversation);
    return { phase: frame.state === "over" ? "over" : "open", question: frame, thread: known };
  }
  if (frame.type === "entries" && frame.conversation === state.thread.conversation) {
    // Fewer than we hold: what we hold is not its history any more.
    const known = frame.last_seq < state.thread.last ? resetThread(state.thread) : state.thread;
    return { ...state, thread: applyFacts(known, frame.entries).thread };
  }
  return state;
}

/** The secret opens nothing any more. @param {GuestState} state @returns {GuestState} */
export function lose(state) {
  if (state.phase === "over") return state;
  // It ended while we were looking elsewhere; how, is not ours to know.
  return state.question ? { ...state, phase: "over" } : { ...state, phase: "invalid" };
}

/** The deadline that runs: until when to accept or to answer; null when nothing is awaited. */
export function deadlineOf(question) {
  if (question.state === "asked") return { kind: "accept", by: question.accept_by };
  if (question.state === "accepted" && question.answer_by) return { kind: "answer", by: question.answer_by };
  return null;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "in 12 minutes", "2 hours ago". @param {number} seconds @param {string} language */
export function distance(seconds, language) {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  const count = seconds < 0 ? Math.ceil(seconds / size) : Math.max(1, Math.floor(seconds / size));
  return format.format(count, unit);
}

/** What an `<input type="datetime-local">` shows for a moment, in this browser's time zone. @param {Date} moment */
export function localValue(moment) {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
