// What the wallboard makes of its numbers. Pure: no page, no timers.

/** In the order of the screen: first those who can help. */
export const STATES = ["available", "busy", "on_break", "away", "gone"];
const HALF_HOURS_OF_A_DAY = 48;

/**
 * @typedef {{kept: number, total: number}} Share
 * @typedef {{starts_at: string, begun: number, kept: number, broken: number, ended: number}} HalfHour
 * @typedef {{waiting: number, held: number, running: number, warned: number, overdue: number,
 *   waits_since: string | null}} Live
 */

/** Rounded, but 100 only when all were kept and 0 only when none was; null of nothing. @param {Share} share */
export function percentOf({ kept, total }) {
  if (!total) return null;
  const percent = Math.round((100 * kept) / total);
  if (kept === 0 || kept === total) return percent;
  return Math.min(99, Math.max(1, percent));
}

/** "42 s", "2 min 05 s", "1 h 12 min". */
export function duration(phrase, seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return phrase("seconds", { count: whole });
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return phrase("minutes", { minutes, seconds: String(whole % 60).padStart(2, "0") });
  return phrase("hours", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}

/** How urgent a client or the whole desk looks. @param {Live} live */
export function urgency(live) {
  if (live.overdue) return "broken";
  return live.warned ? "warn" : "calm";
}

/** Operators by state: those states that somebody is in. Whoever is gone and holds something comes first. */
export function byState(operators) {
  return STATES.map((state) => ({
    state,
    operators: operators.filter((one) => one.state === state).sort((a, b) => b.held - a.held),
  })).filter((group) => group.operators.length);
}

/** Clients that need somebody first, then by name as they came. */
export function clientsByUrgency(clients) {
  const weight = ({ live }) => live.overdue * 1e6 + live.warned * 1e3 + live.waiting;
  return [...clients].sort((a, b) => weight(b) - weight(a));
}

/** A round number at or above the highest bar: the top of the axis. */
export function axisTop(highest) {
  if (highest <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((top) => top >= highest);
}

/**
 * The chart's bars, in units of a box `width` × `height` whose origin is above left.
 * @param {HalfHour[]} halfHours from midnight to now
 */
export function bars(halfHours, width, height) {
  const slots = Math.max(HALF_HOURS_OF_A_DAY, halfHours.length);
  const top = axisTop(Math.max(0, ...halfHours.map((one) => Math.max(one.kept + one.broken, one.begun))));
  const step = width / slots;
  const y = (count) => height - (count / top) * height;
  return {
    top,
    step,
    bars: halfHours.map((one, index) => ({
      ...one,
      x: index * step,
      keptTop: y(one.kept),
      brokenTop: y(one.kept + one.broken),
      begunAt: y(one.begun),
    })),
  };
}
