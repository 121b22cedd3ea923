// Articles that help without a person: what is looked for, what was found, what is shown of it. Pure.

import { isFromStaff } from "../shared/thread.js";

// Somebody is usually there within seconds: what would only flash by is not shown.
const WAITS_MS = 5_000;
// The same is asked again only when the answer did not come.
const ASK_AGAIN_MS = 5_000;
const FEWEST_CHARACTERS = 2;
const MOST_CHARACTERS = 500;

/**
 * @typedef {{article: string, title: string, reply: string}} HelpArticle
 * @typedef {object} Help
 * @property {string} asked  what was looked for last; empty: nothing
 * @property {number} at  when, in ms of the server's clock
 * @property {boolean} answered
 * @property {HelpArticle[]} articles  best first; the former ones until the answer is here
 * @property {boolean} isSure  the first one surely is the answer
 */

/** @type {Help} */
export const NO_HELP = { asked: "", at: 0, answered: true, articles: [], isSure: false };

/** What is sent of a long text is its end: that was written last. Empty: too little to look for. */
export function searchable(text) {
  const trimmed = text.trim().slice(-MOST_CHARACTERS);
  return trimmed.length < FEWEST_CHARACTERS ? "" : trimmed;
}

/** Whether `text` is still to be sent. */
export const isToBeAsked = (help, text, now) => text !== help.asked || (!help.answered && now - help.at > ASK_AGAIN_MS);

/** `text` has been sent. */
export const asking = (help, text, now) => ({ ...help, asked: text, at: now, answered: false });

/** An answer to something else than what was asked last comes too late. */
export function helped(help, frame) {
  return frame.text === help.asked ? { ...help, answered: true, articles: frame.articles, isSure: frame.is_sure } : help;
}

/**
 * What somebody who waits has asked, once they wait long enough to read; else empty.
 * @param {import("./state.js").WidgetState} state
 */
export function waitingQuestion({ thread, queue }, now) {
  if (thread.conversation === null || thread.state !== "waiting" || thread.kept || thread.escalation) return "";
  if (thread.entries.some((entry) => isFromStaff(entry.sender))) return "";
  const asked = thread.entries.filter((entry) => entry.type === "message.sent" && entry.sender.kind === "visitor" && entry.body);
  if (!asked.length || (!queue && now - Date.parse(asked[0].at) < WAITS_MS)) return "";
  return searchable(asked.map((entry) => entry.body).join("\n"));
}

/** What is offered to somebody who waits: not what automation has answered already. @returns {HelpArticle[]} */
export function waitingHelp(state, now) {
  const question = waitingQuestion(state, now);
  if (!question || question !== state.help.asked) return [];
  const given = new Set(state.thread.entries.map((entry) => entry.article));
  return state.help.articles.filter((one) => !given.has(one.article));
}
