import { textNodes } from "../../shared/text.js";
import { html } from "../html.js";
import { clock, config, say, when } from "../page.js";
import { deadlineOf, distance } from "../state.js";

/** Seconds before a deadline from which it is marked. */
const SOON = 15 * 60;

/** What the desk wants to know, and until when. */
export function Question({ question }) {
  return html`
    <section class="card question" aria-label=${say("question.label")}>
      <${Deadline} question=${question} />
      <h2 class="question-reason" dir="auto">${question.reason}</h2>
      ${question.summary && html`<p class="question-summary" dir="auto">${textNodes(question.summary)}</p>`}
      <p class="soft">
        ${say("question.asked", { name: question.asked_by, when: when(question.asked_at) })}
        ${question.topic && html` · ${say("question.topic", { topic: question.topic })}`}
      </p>
    </section>
  `;
}

function Deadline({ question }) {
  if (question.state === "answered") return html`<p class="deadline is-done" role="status">${say("deadline.answered")}</p>`;
  const deadline = deadlineOf(question);
  if (!deadline) return null;
  const left = clock.secondsUntil(deadline.by);
  const looks = left < 0 ? "is-over" : left < SOON ? "is-soon" : "";
  return html`
    <p class="deadline ${looks}">
      <strong>${say(`deadline.${deadline.kind}`, { when: when(deadline.by) })}</strong>
      <span>${distance(left, config.locale)}</span>
    </p>
  `;
}
