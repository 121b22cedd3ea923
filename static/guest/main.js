// The guest page's beginning: makes the parts, joins them, and draws whenever one of them changed.

import { render } from "preact";

import { brandProperties } from "../shared/colours.js";
import { openDoor } from "./door.js";
import { safeStorage } from "../shared/outbox.js";
import { html } from "./html.js";
import { clock, config } from "./page.js";
import { openSession } from "./session.js";
import { App } from "./views/app.js";

const TOKEN_KEY = "guest.token";
const root = document.getElementById("root");
let drawing = false;

for (const [name, value] of Object.entries(brandProperties(config.organisation.colour))) {
  document.documentElement.style.setProperty(name, value);
}
// Another link in the same tab changes nothing but the fragment.
window.addEventListener("hashchange", () => window.location.hash && window.location.reload());

const inTab = safeStorage(() => window.sessionStorage);
const token = decodeURIComponent(window.location.hash.slice(1)) || inTab.getItem(TOKEN_KEY) || "";
const session = openSession({ token, door: openDoor(config), clock, onOpened: hideToken, onChange: changed });

/** The spent token leaves the address, so that nobody copies a link that opens nothing; this tab finds back by itself. */
function hideToken() {
  inTab.setItem(TOKEN_KEY, token);
  window.history.replaceState(null, "", window.location.pathname);
}

function changed() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    draw();
  });
}

function draw() {
  render(html`<${App} session=${session} />`, root);
}

draw();
