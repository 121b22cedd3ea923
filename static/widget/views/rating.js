import { useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { clock, say } from "../page.js";
import { CheckIcon } from "./icons.js";

const MARKS = Array.from({ length: 10 }, (_, index) => index + 1);
const CHANGE_WITHIN_SECONDS = 15 * 60;
const COMMENT_CHARACTERS = 2_000;

/** How was it? Ten buttons, a few words if wanted, then thanks; to be changed for 15 minutes. */
export function RatingCard({ session }) {
  const { rating } = session.state.thread;
  const [given, setGiven] = useState(null);
  const [changing, setChanging] = useState(false);
  const unsent = session.unanswered("rating.give");
  const shown = given ?? rating;

  const give = (mark, comment) => {
    if (unsent?.state === "failed") session.discard(unsent.cid);
    session.rate(mark, comment);
    setGiven({ mark, comment });
    setChanging(false);
  };
  if (unsent?.state === "failed") {
    return html`
      <section class="card" aria-label=${say("rating.question")}>
        <p class="card-problem" role="alert">${unsent.message || say("rating.failed")}</p>
        <button class="small-button small-button-main" type="button" onClick=${() => session.retry(unsent.cid)}>
          ${say("message.retry")}
        </button>
      </section>
    `;
  }
  if (shown && !changing) {
    const changeable = !rating || -clock.secondsUntil(rating.at) < CHANGE_WITHIN_SECONDS;
    return html`
      <section class="card card-thanks" aria-label=${say("rating.question")}>
        <span class="card-tick"><${CheckIcon} /></span>
        <div role="status">
          <p class="card-title">${say("rating.thanks")}</p>
          <p class="card-soft">${say("rating.given", { mark: shown.mark })}</p>
        </div>
        ${changeable &&
        html`<button class="link" type="button" onClick=${() => setChanging(true)}>${say("rating.change")}</button>`}
      </section>
    `;
  }
  return html`<${RatingForm} start=${shown} onGive=${give} />`;
}

function RatingForm({ start, onGive }) {
  const [mark, setMark] = useState(start?.mark ?? null);
  const [comment, setComment] = useState(start?.comment ?? "");
  const buttons = useRef(null);

  // Tab reaches the marks one by one; the arrows are the shorter way along the scale.
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...buttons.current.querySelectorAll("button")];
    all[Math.min(9, Math.max(0, all.indexOf(event.target) + step))]?.focus();
  };

  return html`
    <section class="card" aria-labelledby="rating-question">
      <p class="card-title" id="rating-question">${say("rating.question")}</p>
      <div class="marks" role="group" aria-labelledby="rating-question" ref=${buttons} onKeyDown=${onKeyDown}>
        ${MARKS.map(
          (value) => html`
            <button class="mark" type="button" key=${value} aria-pressed=${mark === value} onClick=${() => setMark(value)}
              aria-label=${say("rating.mark", { mark: value })}>${value}</button>
          `,
        )}
      </div>
      <p class="marks-ends" aria-hidden="true"><span>${say("rating.low")}</span><span>${say("rating.high")}</span></p>
      ${mark !== null &&
      html`
        <label class="field rating-more">
          <span>${say("rating.comment")}</span>
          <textarea rows="2" maxlength=${COMMENT_CHARACTERS} value=${comment}
            onInput=${(event) => setComment(event.currentTarget.value)}></textarea>
        </label>
        <button class="wide-button" type="button" onClick=${() => onGive(mark, comment.trim())}>${say("rating.send")}</button>
      `}
    </section>
  `;
}
