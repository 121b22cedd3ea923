// Asking a specialist: whom there is, what was filled in, and what runs. Pure but for `openAsking`, which sends.

import { newCid } from "../shared/outbox.js";

/** What an escalation.moved says of one that goes on; those in between two steps are followed by the next. */
const RUNNING = new Set(["asked", "accepted"]);
const IN_BETWEEN = new Set(["unreachable"]);
/** The operator has to go on, or should know. */
const NEWS = new Set(["returned", "answered", "call_back", "kept", "unreachable"]);

/** Frame type → what it changes in the desk's state. */
export const ASKING_CHANGES = {
  specialists: (state, frame) => ({
    state: { ...state, specialists: new Map(state.specialists).set(frame.conversation, frame) },
  }),
};

/** The escalation that runs, as the conversation's facts tell it; or null. @returns {object | null} an escalation.moved */
export function runningEscalation(thread) {
  const last = thread?.deskEntries.findLast(
    (fact) => fact.type === "escalation.moved" && !IN_BETWEEN.has(fact.state),
  );
  return last && RUNNING.has(last.state) && thread.state !== "closed" ? last : null;
}

/** Whether this fact is news for whoever answers the conversation. */
export function isEscalationNews(fact) {
  return fact.type === "escalation.moved" && NEWS.has(fact.state);
}

/**
 * Whom one can ask: each topic that has a specialist, with their names in the order in which they are asked, then each
 * specialist.
 * @param {object} found  the `specialists` frame
 * @returns {{value: string, label: string, names: string[]}[]}
 */
export function choicesOf({ specialists, topics }) {
  const ordered = [...specialists].sort((a, b) => a.position - b.position || a.name.localeCompare(b.name));
  const labels = new Map(topics.map((topic) => [topic.slug, topic.label]));
  const namesFor = (slug) => ordered.filter((one) => !one.topics.length || one.topics.includes(slug)).map((one) => one.name);
  const byTopic = topics
    .map(({ slug, label }) => ({ value: `topic ${slug}`, label, names: namesFor(slug) }))
    .filter(({ names }) => names.length > 0);
  const byName = ordered.map((one) => ({
    value: `specialist ${one.id}`,
    label: one.name,
    names: one.topics.map((slug) => labels.get(slug) ?? slug),
  }));
  return [...byTopic, ...byName];
}

/** @typedef {{who: string, reason: string, summary: string}} Question */

/** @param {string | null} topic the conversation's @returns {Question} */
export function emptyQuestion(choices, topic) {
  const own = choices.find(({ value }) => value === `topic ${topic}`);
  // Without a topic of its own a question is nobody's by topic: then it is for a person.
  const first = choices.find(({ value }) => value.startsWith("specialist "));
  return { who: (own ?? first)?.value ?? "", reason: "", summary: "" };
}

/** @param {Question} question @returns {{specialist: string | null, topic: string | null, reason: string, summary: string}} */
export function commandOf({ who, reason, summary }) {
  const [kind, id] = who.split(" ");
  const whom = { specialist: kind === "specialist" ? id : null, topic: kind === "topic" ? id : null };
  return { ...whom, reason: reason.trim(), summary: summary.trim() };
}

/**
 * @param {object} options
 * @param {(conversation: string) => object} options.address  organisation and conversation of a command
 * @param {(frame: object) => void} options.send  lost with the line
 * @param {(frame: object) => void} options.post  kept until it is answered
 * @param {() => void} options.onChange
 */
export function openAsking({ address, send, post, onChange }) {
  let shown = null;
  return {
    /** The conversation about which somebody is to be asked, while the dialog lies open; or null. */
    get shown() {
      return shown;
    },
    show(conversation) {
      shown = conversation;
      onChange();
    },
    fetch: (conversation) => send({ type: "specialists.fetch", ...address(conversation) }),
    /** @param {string} conversation @param {Question} question */
    ask: (conversation, question) =>
      post({ type: "conversation.escalate", ...address(conversation), cid: newCid(), ...commandOf(question) }),
    withdraw: (conversation, escalation) =>
      post({ type: "escalation.withdraw", ...address(conversation), cid: newCid(), escalation }),
  };
}
