// Starts the wallboard from what the page says.

import { render } from "preact";
import { openPhrases } from "../shared/phrases.js";
import { openSession } from "./session.js";
import { App } from "./views/app.js";
import { html } from "./views/base.js";

const config = JSON.parse(document.getElementById("wallboard-config").textContent);
const session = openSession({ config, phrase: openPhrases(config.texts, config.language) });
render(html`<${App} session=${session} />`, document.getElementById("wallboard"));
