// When a visitor must have an answer. Pure: what the server has not said yet is derived from the messages seen.

import { isFromStaff } from "../shared/thread.js";

/**
 * A running promise is calm until `warn_at`, then it warns, and from `due_at` on it is broken.
 * @typedef {{kind: "first" | "follow_up", opened_at: string, warn_at: string, due_at: string}} OpenPromise
 */

/**
 * The promise of a row after one message. A burst of a visitor's messages never restarts the clock; any reply of an
 * operator or a specialist settles it. Automatic texts change nothing.
 * @param {OpenPromise | null} promise
 * @param {{at: string, sender: {kind: string}}} message a message.sent
 * @param {{first_reply_seconds: number, follow_up_seconds: number, warn_percent: number}} organisation
 * @param {boolean} answered whether an operator has written in this conversation before
 * @returns {OpenPromise | null}
 */
export function promiseAfter(promise, message, organisation, answered) {
  if (isFromStaff(message.sender)) return null;
  if (message.sender.kind !== "visitor" || promise) return promise;
  const seconds = answered ? organisation.follow_up_seconds : organisation.first_reply_seconds;
  const opened = Date.parse(message.at);
  return {
    kind: answered ? "follow_up" : "first",
    opened_at: message.at,
    warn_at: new Date(opened + seconds * 10 * organisation.warn_percent).toISOString(),
    due_at: new Date(opened + seconds * 1000).toISOString(),
  };
}

/**
 * What a countdown shows at one moment.
 * @param {OpenPromise} promise
 * @param {number} now milliseconds, by the server's clock
 * @returns {{phase: "calm" | "warn" | "broken", seconds: number, share: number}} whole seconds left, or overdue when
 *   broken; `share` of the time that is left, 1 to 0
 */
export function countdown(promise, now) {
  const opened = Date.parse(promise.opened_at);
  const due = Date.parse(promise.due_at);
  const left = due - now;
  if (left <= 0) return { phase: "broken", seconds: Math.floor(-left / 1000), share: 0 };
  const phase = now >= Date.parse(promise.warn_at) ? "warn" : "calm";
  return { phase, seconds: Math.ceil(left / 1000), share: Math.min(1, left / Math.max(1, due - opened)) };
}

/**
 * Sorts rows by what is due first: rows with a promise by its due time, then the others, oldest first.
 * @template {{promise: OpenPromise | null, opened_at: string, conversation: string}} Row
 * @param {Row[]} rows
 * @returns {Row[]}
 */
export function byUrgency(rows) {
  return [...rows].sort((a, b) => {
    if (a.promise && b.promise) return Date.parse(a.promise.due_at) - Date.parse(b.promise.due_at) || order(a, b);
    if (a.promise || b.promise) return a.promise ? -1 : 1;
    return order(a, b);
  });
}

function order(a, b) {
  return Date.parse(a.opened_at) - Date.parse(b.opened_at) || (a.conversation < b.conversation ? -1 : 1);
}
