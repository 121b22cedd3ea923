import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { config, say } from "../page.js";
import { Closed, Invalid, Over } from "./doors.js";
import { Actions } from "./actions.js";
import { Question } from "./question.js";
import { Thread } from "./thread.js";

const VIEWS = { closed: Closed, invalid: Invalid, over: Over, open: Open };

/** The whole page: before the link is opened, the question, and what stands there afterwards. */
export function App({ session }) {
  const { phase } = session.state;
  const View = VIEWS[phase];
  return html`
    <header class="bar"><p class="bar-name">${config.organisation.name}</p></header>
    <${View} key=${phase} session=${session} />
  `;
}

function Open({ session }) {
  const title = useRef(null);
  const { question } = session.state;
  useEffect(() => title.current.focus(), []);
  return html`
    <main class="page" aria-labelledby="title">
      <h1 class="title" id="title" tabindex="-1" ref=${title}>${say("question.title", { name: question.specialist })}</h1>
      <${Question} question=${question} />
      <${Thread} session=${session} />
      <${Actions} session=${session} />
    </main>
  `;
}
