// What may be noted at the end of a conversation, and until when it may be put right. Pure.

/** @typedef {{purpose?: string, lead: boolean | null, mood_start: number | null, mood_end: number | null}} Ending */

/** From furious to delighted. */
export const MOODS = [-2, -1, 0, 1, 2];
/** @type {Ending} */
export const EMPTY_ENDING = { lead: null, mood_start: null, mood_end: null };
const CORRECTABLE_MS = 15 * 60_000;

/**
 * As it was noted last.
 * @param {import("../shared/thread.js").Thread | undefined} thread
 * @param {object | undefined} details  the `conversation` frame, which may be older than the thread
 * @returns {Ending}
 */
export function endingOf(thread, details) {
  const noted = thread?.ending ?? details ?? EMPTY_ENDING;
  return {
    purpose: thread?.purpose || details?.purpose || "",
    lead: noted.lead ?? null,
    mood_start: noted.mood_start ?? null,
    mood_end: noted.mood_end ?? null,
  };
}

/**
 * Whether this page may still put it right: closed a quarter of an hour ago at most, by whoever held it, or as a
 * supervisor.
 * @param {import("./state.js").Desk} desk
 * @param {string} conversation
 * @param {number} now  the server's, ms
 */
export function canCorrect(desk, conversation, now) {
  const thread = desk.threads.get(conversation);
  const end = thread?.entries.findLast(({ type }) => type === "conversation.closed" || type === "conversation.reopened");
  if (end?.type !== "conversation.closed" || now - Date.parse(end.at) > CORRECTABLE_MS) return false;
  const holder = thread.operator ?? desk.details.get(conversation)?.operator;
  return desk.supervises || holder?.id === desk.operator.id;
}
