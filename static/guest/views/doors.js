// What stands here instead of a question: the closed door, a link that opens nothing, and how it ended.

import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { config, say } from "../page.js";
import { Problem } from "./problem.js";

const ENDINGS = new Set(["answered", "call_back", "declined"]);

function Card({ title, children }) {
  const heading = useRef(null);
  useEffect(() => heading.current.focus(), []);
  return html`
    <main class="page page-middle" aria-labelledby="title">
      <section class="card">
        <h1 class="title" id="title" tabindex="-1" ref=${heading}>${title}</h1>
        ${children}
      </section>
    </main>
  `;
}

/** Nothing is asked of the server before the click, so that a mail scanner spends no link. */
export function Closed({ session }) {
  if (session.loading) {
    return html`<main class="page page-middle"><p class="soft" role="status">
      ${say(session.offline ? "problem.offline" : "open.loading")}
    </p></main>`;
  }
  return html`
    <${Card} title=${say("open.title", { organisation: config.organisation.name })}>
      <p>${say("open.explained")}</p>
      <p class="soft">${say("open.once")}</p>
      <${Problem} session=${session} />
      <button class="main-button" type="button" disabled=${session.busy !== ""} onClick=${session.open}>${say("open.button")}</button>
    <//>
  `;
}

export function Invalid({ session }) {
  return html`
    <${Card} title=${say("invalid.title")}>
      <p>${say("invalid.explained")}</p>
      <${Problem} session=${session} />
      <${NewLink} session=${session} />
    <//>
  `;
}

function NewLink({ session }) {
  const asked = useRef(null);
  useEffect(() => asked.current?.focus(), [session.linkAsked]);
  if (session.linkAsked) return html`<p class="told" role="status" tabindex="-1" ref=${asked}>${say("link.asked")}</p>`;
  return html`<button class="main-button" type="button" disabled=${session.busy !== ""} onClick=${session.askForLink}>
    ${say("link.button")}
  </button>`;
}

export function Over({ session }) {
  const { question } = session.state;
  const ending = ENDINGS.has(question.outcome) ? question.outcome : "unknown";
  const unsent = session.pending;
  return html`
    <${Card} title=${say(`over.${ending}.title`)}>
      <p>${say(`over.${ending}`)}</p>
      ${unsent.length > 0 &&
      html`<section aria-label=${say("over.unsent")}>
        <p class="problem">${say("over.unsent")}</p>
        ${unsent.map((entry) => html`<p class="unsent" key=${entry.cid}>${entry.body}</p>`)}
      </section>`}
    <//>
  `;
}
