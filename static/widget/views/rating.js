import { useEffect, useRef, useState } from "preact/hooks";

import { COMMENT, HIGHEST_MARK, MARK, isOpen, nextStep, stepsOf } from "../../shared/rating.js";
import { html } from "../html.js";
import { clock, say } from "../page.js";
import { CheckIcon } from "./icons.js";

const MARKS = Array.from({ length: HIGHEST_MARK }, (_, index) => index + 1);
const COMMENT_CHARACTERS = 2_000;

/**
 * How was it? One question at a time, each answer stored as it is tapped, each as easily skipped; to be changed for 15
 * minutes.
 * @param {object} props
 * @param {{until: string | null, questions: import("../../shared/thread.js").Question[]}} props.asked
 * @param {import("../../shared/rating.js").Given} props.given
 * @param {{mark: (mark: number) => void, comment: (comment: string) => void, answer: (question: string, answer: number | null)
 *   => void, shown: () => void, failure: {refused: boolean, message: string, retry: () => void, drop: () => void} | null}} props.on
 */
export function RatingCard({ asked, given, on }) {
  const steps = stepsOf(asked.questions);
  // The step the visitor went back to; null: the first open one.
  const [back, setBack] = useState(null);
  // From then on the focus says what comes next; the thread's own announcements would say it twice.
  const [touched, setTouched] = useState(false);
  const card = useRef(null);
  const open = nextStep(steps, given);
  const step = back ?? open;
  const taking = isOpen(given, asked.until, clock.now());
  const isAsking = taking && steps.includes(step);
  const last = useRef(step);

  useShown(card, isAsking && given.mark === null, on.shown);
  useEffect(() => {
    // The focus goes along with the question that took the place of the one that was answered.
    if (last.current !== step && card.current?.dataset.hadFocus === "yes") card.current.querySelector("[data-start]")?.focus();
    last.current = step;
  }, [step]);

  /** On from a step: to the one behind it while going through them again, else to the first open one. */
  const goOn = () => {
    const next = back === null || given.mark === null ? null : steps[steps.indexOf(back) + 1];
    setBack(next && next !== open ? next : null);
  };
  const leaving = (change) => () => {
    setTouched(true);
    card.current.dataset.hadFocus = card.current.contains(document.activeElement) ? "yes" : "no";
    change();
  };
  const previous = steps[steps.indexOf(step) - 1];
  const isAgain = back !== null && given.mark !== null;

  if (!taking && given.mark === null) return null;
  return html`
    <section class="card rating" aria-label=${say("rating.label")} aria-live=${touched ? "off" : undefined} ref=${card}>
      ${on.failure && html`<${Failure} ...${on.failure} />`}
      ${isAsking
        ? html`
            <${Step} key=${step} step=${step} asked=${asked} given=${given} position=${steps.indexOf(step) + 1} count=${steps.length}
              onMark=${(mark) => leaving(() => (mark === given.mark || on.mark(mark), goOn()))()}
              onAnswer=${(value) => leaving(() => (value === given.answers[step] || on.answer(step, value), goOn()))()}
              onComment=${(words) => leaving(() => (words === given.comment || on.comment(words), goOn()))()}
              onSkip=${leaving(() => (isAgain || given.answers[step] === null || on.answer(step, null), goOn()))} isAgain=${isAgain}
              onBack=${previous && leaving(() => setBack(previous))} />
          `
        : html`<${Ended} step=${taking ? step : "thanks"} given=${given} onChange=${taking && leaving(() => setBack(MARK))} />`}
    </section>
  `;
}

/** Tells once that at least half of the question is in sight. */
function useShown(card, isWanted, onShown) {
  useEffect(() => {
    if (!isWanted || !card.current) return undefined;
    const observer = new IntersectionObserver(([seen]) => seen.isIntersecting && onShown(), { threshold: 0.5 });
    observer.observe(card.current);
    return () => observer.disconnect();
  }, [isWanted]);
}

function Failure({ refused, message, retry, drop }) {
  return html`
    <div class="rating-failure">
      <p class="card-problem" role="alert">${message || say("rating.failed")}</p>
      <button class="small-button small-button-main" type="button" onClick=${refused ? drop : retry}>
        ${say(refused ? "rating.failed.close" : "message.retry")}
      </button>
    </div>
  `;
}

/** Declined, or all answered. */
function Ended({ step, given, onChange }) {
  if (step === "declined") {
    return html`
      <div class="card-thanks">
        <div role="status"><p class="card-soft" tabindex="-1" data-start>${say("rating.declined")}</p></div>
        ${onChange && html`<button class="link" type="button" onClick=${onChange}>${say("rating.after_all")}</button>`}
      </div>
    `;
  }
  return html`
    <div class="card-thanks">
      <span class="card-tick"><${CheckIcon} /></span>
      <div role="status">
        <p class="card-title" tabindex="-1" data-start>${say("rating.thanks")}</p>
        <p class="card-soft">${say("rating.given", { mark: given.mark })}</p>
      </div>
      ${onChange && html`<button class="link" type="button" onClick=${onChange}>${say("rating.change")}</button>`}
    </div>
  `;
}

function Step({ step, asked, given, position, count, isAgain, onMark, onAnswer, onComment, onSkip, onBack }) {
  const question = asked.questions.find((one) => one.question === step);
  const title = question?.text ?? say(step === MARK ? "rating.question" : "rating.comment");
  return html`
    <div class="rating-step" onKeyDown=${moveAlong}>
      <p class="card-title" id="rating-question" dir="auto" tabindex="-1" data-start>${title}</p>
      ${step === MARK &&
      html`
        <${Choices} className="marks" button="mark" chosen=${given.mark} onChoose=${onMark}
          choices=${MARKS.map((mark) => ({ value: mark, text: mark, name: say("rating.mark", { mark }) }))} />
        <p class="marks-ends" aria-hidden="true"><span>${say("rating.low")}</span><span>${say("rating.high")}</span></p>
      `}
      ${question &&
      html`<${Choices} className="answers" button="answer" chosen=${given.answers[step] ?? null} onChoose=${onAnswer}
        choices=${question.answers.map((text, index) => ({ value: index + 1, text }))} />`}
      ${step === COMMENT && html`<${Comment} start=${given.comment} onSend=${onComment} />`}
      <p class="rating-foot">
        <span>
          ${onBack && html`<button class="link" type="button" onClick=${onBack}>${say("rating.back")}</button>`}
          <span class="card-soft">${say("rating.step", { position, count })}</span>
        </span>
        <button class="small-button" type="button" onClick=${onSkip}>${say(isAgain ? "rating.keep" : "rating.skip")}</button>
      </p>
    </div>
  `;
}

function Choices({ className, button, choices, chosen, onChoose }) {
  return html`
    <div class=${className} role="group" aria-labelledby="rating-question">
      ${choices.map(
        ({ value, text, name }) => html`
          <button class=${button} type="button" key=${value} aria-pressed=${chosen === value} aria-label=${name} data-value=${value}
            onClick=${() => onChoose(value)} dir="auto">${text}</button>
        `,
      )}
    </div>
  `;
}

/**
 * Tab reaches the answers one by one; arrows are the shorter way along them, and a number (0 for ten) goes to its answer.
 * Enter or the space bar then gives it: a key pressed by mistake gives nothing.
 */
function moveAlong(event) {
  if (event.target.tagName === "TEXTAREA" || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...event.currentTarget.querySelectorAll("[data-value]")];
  const at = all.indexOf(event.target);
  const down = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const number = /^\d$/.test(event.key) ? Number(event.key) || HIGHEST_MARK : null;
  let next;
  if (number !== null) next = all[number - 1];
  else if (down) next = all[at < 0 ? (down > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + down))];
  else if (event.key === "Home" || event.key === "End") next = all.at(event.key === "Home" ? 0 : -1);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Comment({ start, onSend }) {
  const [words, setWords] = useState(start);
  return html`
    <div class="field rating-more">
      <textarea rows="2" maxlength=${COMMENT_CHARACTERS} value=${words} aria-labelledby="rating-question" dir="auto"
        onInput=${(event) => setWords(event.currentTarget.value)}></textarea>
    </div>
    <button class="wide-button" type="button" disabled=${!words.trim()} onClick=${() => onSend(words.trim())}>${say("rating.send")}</button>
  `;
}
