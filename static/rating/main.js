// The beginning of the page behind a mailed link.

import { render } from "preact";

import { brandProperties } from "../shared/colours.js";
import { safeStorage } from "../shared/outbox.js";
import { html } from "../widget/html.js";
import { clock, config, say } from "../widget/page.js";
import { RatingCard } from "../widget/views/rating.js";
import { openDoor, openRating } from "./session.js";

const TOKEN_KEY = "rating.token";
const UNSENT_KEY = "rating.unsent";
const root = document.getElementById("root");
const inTab = safeStorage(() => window.sessionStorage);
const token = window.location.hash.slice(1) || inTab.getItem(TOKEN_KEY) || "";
const kept = { get: unsentOfToken, set: (commands) => inTab.setItem(UNSENT_KEY, JSON.stringify({ token, commands })) };
const session = openRating({ door: openDoor(config.api_path, token), kept, clock, onChange: draw });

for (const [name, value] of Object.entries(brandProperties(config.organisation.colour))) {
  document.documentElement.style.setProperty(name, value);
}
// The token leaves the address, so that nobody copies it; this tab finds back by itself.
inTab.setItem(TOKEN_KEY, token);
window.history.replaceState(null, "", window.location.pathname + window.location.search);
// Another link in the same tab changes nothing but the fragment.
window.addEventListener("hashchange", () => window.location.hash && window.location.reload());

window.addEventListener("pagehide", () => session.leave());

function unsentOfToken() {
  try {
    const stored = JSON.parse(inTab.getItem(UNSENT_KEY) ?? "{}");
    return stored.token === token ? stored.commands : [];
  } catch {
    return [];
  }
}

function Page() {
  return html`
    <header class="link-bar"><p>${config.organisation.name}</p></header>
    <main class="link-page">
      <h1>${say("link.about", { name: config.organisation.name })}</h1>
      <${View} />
    </main>
  `;
}

function View() {
  if (session.phase === "opening") return html`<p class="card-soft" role="status">${say("link.opening")}</p>`;
  if (session.phase === "over") return html`<p class="card" role="status">${say("link.over")}</p>`;
  if (session.phase === "problem") {
    return html`<div class="card">
      <p class="card-problem" role="alert">${session.problem || say("link.problem")}</p>
      <button class="small-button small-button-main" type="button" onClick=${session.exchange}>${say("message.retry")}</button>
    </div>`;
  }
  return html`
    <${RatingCard} asked=${session.asked} given=${session.given} on=${session.on} />
    <p class="link-stop">
      ${session.stopped
        ? html`<span role="status">${say("link.stopped")}</span>`
        : html`<button class="link" type="button" onClick=${session.stop}>${say("link.stop")}</button>`}
    </p>
  `;
}

function draw() {
  render(html`<${Page} />`, root);
}

draw();
session.exchange();
