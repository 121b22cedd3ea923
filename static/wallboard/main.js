// Starts the wallboard from what the page says.

import { render } from "preact";
import { openAlerts } from "../desk/alerts.js";
import { alertWords } from "../shared/alerts.js";
import { safeStorage } from "../shared/outbox.js";
import { openPhrases } from "../shared/phrases.js";
import { openSession } from "./session.js";
import { App } from "./views/app.js";
import { html } from "./views/base.js";

const config = JSON.parse(document.getElementById("wallboard-config").textContent);
const phrase = openPhrases(config.texts, config.language);
const alerts = openAlerts(safeStorage(), phrase);
const session = openSession(
  { config, phrase },
  (alert, { clientName }) => {
    const words = alertWords(phrase, alert, clientName(alert.organisation));
    alerts.raise({ kind: "alert", alert }, words, () => {});
  },
  () => {
    const signal = { kind: "follow_up", conversation: "follow-ups" };
    alerts.raise(signal, phrase("follow_ups"), () => location.assign(config.follow_ups_path));
  },
);
render(html`<${App} session=${session} alerts=${alerts} />`, document.getElementById("wallboard"));
