// What an operator's presence means at one moment. Pure.

export const STATES = ["available", "busy", "on_break", "away"];
export const REASONS = ["pause", "meal", "meeting", "training", "other"];
/** Planned lengths of a break; null leaves it open. */
export const BREAK_MINUTES = [5, 15, 30, 60, null];

/**
 * The planned end of a break.
 * @param {import("./state.js").Presence} presence
 * @param {number} now  ms, the server's clock
 * @returns {{minutes: number, isOver: boolean} | null}  whole minutes left, or since it was over; null without an end
 */
export function breakLeft(presence, now) {
  if (presence.state !== "on_break" || !presence.until) return null;
  const left = Date.parse(presence.until) - now;
  return left > 0
    ? { minutes: Math.max(1, Math.round(left / 60_000)), isOver: false }
    : { minutes: Math.floor(-left / 60_000), isOver: true };
}

/**
 * Who waits for an operator that is not there to answer: their conversations go to colleagues after `grace` seconds.
 * @param {import("./state.js").Presence} presence
 * @param {import("./state.js").Row[]} mine
 * @param {number} now  ms, the server's clock
 * @param {number} grace  seconds
 * @returns {{count: number, seconds: number} | null}  `seconds` until then, 0 from then on
 */
export function handover(presence, mine, now, grace) {
  if (presence.state !== "on_break" && presence.state !== "away") return null;
  const count = mine.filter((row) => row.promise).length;
  if (!count) return null;
  const left = Date.parse(presence.since) + grace * 1000 - now;
  return { count, seconds: Math.min(grace, Math.max(0, Math.ceil(left / 1000))) };
}
