// The server's time on this page, and times in the reader's language and time zone.

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * @param {object} options
 * @param {string} options.language  BCP 47
 * @param {string} [options.timeZone]  IANA; the browser's own by default
 * @param {() => number} [options.now]  ms
 */
export function openClock({ language, timeZone, now = Date.now }) {
  let offsetMs = 0;
  const format = (options) => new Intl.DateTimeFormat(language, { timeZone, ...options });
  const timeFormat = format({ hour: "numeric", minute: "2-digit" });
  const weekdayFormat = format({ weekday: "long" });
  const dayFormat = format({ weekday: "long", day: "numeric", month: "long" });
  const dateFormat = format({ day: "numeric", month: "long", year: "numeric" });
  const fullFormat = format({ dateStyle: "medium", timeStyle: "short" });
  const dayKeyFormat = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const relativeFormat = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  const serverNow = () => now() + offsetMs;
  const dayKey = (moment) => dayKeyFormat.format(new Date(moment));
  /** Whole calendar days from today to the moment, in the reader's time zone. */
  const daysAhead = (moment) =>
    Math.round((Date.parse(dayKey(moment)) - Date.parse(dayKey(serverNow()))) / DAY_MS);

  return {
    /** Give it the `now` of each welcome and heartbeat. */
    observe(iso) {
      offsetMs = Date.parse(iso) - now();
    },
    /** The server's present time, in ms. */
    now: serverNow,
    /** Seconds from now until the moment; negative when it is past. */
    secondsUntil: (iso) => (Date.parse(iso) - serverNow()) / 1000,
    /** "2026-11-22": equal for moments of one calendar day. */
    dayKey: (iso) => dayKey(Date.parse(iso)),
    /** "09:30" */
    time: (iso) => timeFormat.format(new Date(iso)),
    /** "22 Nov 2026, 09:30" */
    full: (iso) => fullFormat.format(new Date(iso)),
    /** "today", "yesterday", "tomorrow", "Monday" within the coming week, else a date; lower case where the language is. */
    day(iso) {
      const moment = Date.parse(iso);
      const ahead = daysAhead(moment);
      if (Math.abs(ahead) <= 1) return relativeFormat.format(ahead, "day");
      if (ahead > 1 && ahead < 7) return weekdayFormat.format(moment);
      return Math.abs(ahead) < 180 ? dayFormat.format(moment) : dateFormat.format(moment);
    },
    /** The same, to stand alone: "Today". */
    dayHeading(iso) {
      const text = this.day(iso);
      return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
    },
  };
}
