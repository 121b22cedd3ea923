// Starts the desk from what the page says.

import { render } from "preact";
import { safeStorage } from "../shared/outbox.js";
import { openAlerts } from "./alerts.js";
import { openPhrases } from "../shared/phrases.js";
import { openSession } from "./session.js";
import { App } from "./views/app.js";
import { html } from "./views/base.js";

const config = JSON.parse(document.getElementById("desk-config").textContent);
const phrase = openPhrases(config.texts, config.language);
const storage = safeStorage();
const alerts = openAlerts(storage, phrase);
const session = openSession({ config, phrase, storage }, (signal, { desk, open }) => {
  const organisation = desk.organisations.get(desk.places.get(signal.conversation));
  alerts.raise(signal, organisation?.name ?? "", () => open(signal.conversation));
});
render(html`<${App} session=${session} alerts=${alerts} />`, document.getElementById("desk"));
