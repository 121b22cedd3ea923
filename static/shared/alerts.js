// What an alert says, on the desk and on the wallboard. Pure.

/**
 * @typedef {{id: string, kind: string, organisation: string | null, operator: {id: string, name: string} | null,
 *   value: number, threshold: number, raised_at: string, seen_by: string | null}} Alert
 */

/**
 * @param {(key: string, values?: object) => string} phrase
 * @param {Alert} alert
 * @param {string} organisation its name, where the alert is about a client
 */
export function alertWords(phrase, alert, organisation) {
  const who = alert.operator?.name ?? organisation;
  const [value, threshold] = [Math.round(alert.value), Math.round(alert.threshold)];
  return phrase(`alert.${alert.kind}`, { who, value, threshold, count: value });
}

/** Those that nobody sees to yet first, then the latest. @param {Alert[]} alerts */
export function byNeed(alerts) {
  return [...alerts].sort(
    (a, b) => Number(Boolean(a.seen_by)) - Number(Boolean(b.seen_by)) || Date.parse(b.raised_at) - Date.parse(a.raised_at),
  );
}

/** What was raised since, and nobody sees to. @param {Alert[]} before @param {Alert[]} after */
export function newlyRaised(before, after) {
  const known = new Set(before.map((alert) => alert.id));
  return after.filter((alert) => !known.has(alert.id) && !alert.seen_by);
}
