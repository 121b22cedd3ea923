// Starts the desk from what the page says.

import { render } from "preact";
import { alertWords } from "../shared/alerts.js";
import { safeStorage } from "../shared/outbox.js";
import { openAlerts } from "./alerts.js";
import { openPhrases } from "../shared/phrases.js";
import { followUpWords } from "./quality.js";
import { openSession } from "./session.js";
import { App } from "./views/app.js";
import { html } from "./views/base.js";

const config = JSON.parse(document.getElementById("desk-config").textContent);
const phrase = openPhrases(config.texts, config.language);
const storage = safeStorage();
const alerts = openAlerts(storage, phrase);
const session = openSession({ config, phrase, storage }, (signal, { desk, open }) => {
  const { alert, conversation, followUp } = signal;
  const slug = alert?.organisation ?? followUp?.organisation ?? desk.places.get(conversation);
  const name = desk.organisations.get(slug)?.name ?? "";
  const body = alert ? alertWords(phrase, alert, name) : followUp ? followUpWords(phrase, followUp, name) : name;
  alerts.raise(signal, body, () => {
    if (alert) location.assign(config.wallboard_path);
    else if (followUp) location.assign(config.follow_ups_path);
    else open(conversation);
  });
});
render(html`<${App} session=${session} alerts=${alerts} />`, document.getElementById("desk"));
