// What the server wrote into this page, read once: settings, words, and the reader's clock.

import { openClock } from "../shared/clock.js";
import { openPhrases } from "../shared/phrases.js";

export const config = JSON.parse(document.getElementById("config").textContent);
export const say = openPhrases(config.texts, config.language);
export const clock = openClock({ language: config.locale });
/** "today at 15:30", in the reader's time zone. @param {string} iso */
export const when = (iso) => say("moment", { day: clock.day(iso), time: clock.time(iso) });
