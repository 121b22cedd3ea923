// "Ask a specialist": the dialog, and the state of a question that is with one.

import { useEffect, useRef, useState } from "preact/hooks";
import { choicesOf, emptyQuestion, runningEscalation } from "../asking.js";
import { isOwn } from "../state.js";
import { html, usePhrase, useSession } from "./base.js";
import { Icon } from "./icons.js";
import { showModal } from "./images.js";

const REASON_CHARACTERS = 200;
const SUMMARY_CHARACTERS = 2000;
// So that what is said of hours and deadlines is not yesterday's.
const FETCH_MS = 60_000;

/** "today at 15:30" */
function when({ clock, phrase }, iso) {
  return phrase("moment", { day: clock.day(iso), time: clock.time(iso) });
}

/** The button beside reply and note. */
export function AskButton({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  if (runningEscalation(session.desk.threads.get(conversation))) return null;
  return html`<button type="button" class="tab ask-button" aria-keyshortcuts="Alt+S" aria-haspopup="dialog"
    onClick=${() => session.asking.show(conversation)}>${phrase("ask")} <kbd>S</kbd></button>`;
}

/** Opens the dialog for an own conversation that is with nobody yet. */
export function beginAsking(session) {
  const conversation = session.desk.selected;
  const isRunning = runningEscalation(session.desk.threads.get(conversation));
  if (conversation && isOwn(session.desk, conversation) && !isRunning) session.asking.show(conversation);
}

export function AskDialog({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const { asking, desk } = session;
  const found = desk.specialists.get(conversation);
  useEffect(() => {
    asking.fetch(conversation);
    const timer = setInterval(() => asking.fetch(conversation), FETCH_MS);
    return () => clearInterval(timer);
  }, [conversation]);
  const close = () => asking.show(null);
  const clicked = (event) => event.target === event.currentTarget && event.currentTarget.close();
  return html`<dialog class="help ask" ref=${showModal} onClose=${close} onClick=${clicked} aria-label=${phrase("ask.title")}>
    <div class="help-inner">
      <header><h2>${phrase("ask.title")}</h2>
        <form method="dialog">
          <button class="icon-button" aria-label=${phrase("dismiss")}><${Icon} name="close" /></button>
        </form></header>
      ${!found && html`<p class="loading" role="status">${phrase("loading")}</p>`}
      ${found && !found.specialists.length && html`<p>${phrase("ask.nobody")}</p>`}
      ${found && found.specialists.length > 0 && html`<${Form} conversation=${conversation} found=${found} />`}
    </div>
  </dialog>`;
}

function Form({ conversation, found }) {
  const session = useSession();
  const phrase = usePhrase();
  const { desk } = session;
  const draft = session.draft(conversation);
  const choices = choicesOf(found);
  const topic = desk.threads.get(conversation)?.topic?.slug ?? desk.details.get(conversation)?.topic;
  const [question, setQuestion] = useState({ ...emptyQuestion(choices, topic), ...draft.question });
  const line = useRef(null);
  useEffect(() => line.current.focus(), []);
  const chosen = choices.find(({ value }) => value === question.who) ?? choices[0];

  const change = (field) => (event) => {
    const next = { ...question, [field]: event.currentTarget.value };
    setQuestion(next);
    session.setDraft(conversation, { ...session.draft(conversation), question: next });
  };
  function submit(event) {
    event.preventDefault();
    session.asking.ask(conversation, { ...question, who: chosen.value });
    event.currentTarget.closest("dialog").close();
  }
  const quick = (event) =>
    event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.currentTarget.form.requestSubmit();

  return html`<form class="ask-form" onSubmit=${submit}>
    <fieldset class="ask-who"><legend>${phrase("ask.who")}</legend>
      ${choices.map(
        ({ value, label, names }) => html`<label key=${value} class="ask-choice">
          <input type="radio" name="who" value=${value} checked=${value === chosen.value} onChange=${change("who")} />
          <span>${label}${names.length > 0 && html` <small class="quiet">${namesOf(phrase, value, names)}</small>`}</span>
        </label>`,
      )}
    </fieldset>
    <label class="ask-field">${phrase("ask.reason")}
      <input type="text" required maxlength=${REASON_CHARACTERS} value=${question.reason} ref=${line}
        placeholder=${phrase("ask.reason_hint")} onInput=${change("reason")} /></label>
    <label class="ask-field">${phrase("ask.summary")}
      <textarea rows="4" required maxlength=${SUMMARY_CHARACTERS} value=${question.summary}
        placeholder=${phrase("ask.summary_hint")} onInput=${change("summary")} onKeyDown=${quick}></textarea></label>
    <${Outlook} found=${found} name=${nameAsked(chosen)} />
    <footer class="ask-foot">
      <button type="button" class="button" onClick=${(event) => event.currentTarget.closest("dialog").close()}>
        ${phrase("cancel")}</button>
      <button type="submit" class="button button-main">${phrase("ask.send")}</button>
    </footer>
  </form>`;
}

/** For a topic: who is asked, one after the other. For a person: their topics. */
function namesOf(phrase, value, names) {
  return value.startsWith("topic") ? names.join(phrase("ask.then")) : names.join(", ");
}

function nameAsked({ value, label, names }) {
  return value.startsWith("topic") ? names[0] : label;
}

/** When they can be reached, and what the visitor will read. */
function Outlook({ found, name }) {
  const session = useSession();
  const phrase = usePhrase();
  const { open, until, next_opening: next } = found.opening;
  const reached = open
    ? until && phrase("ask.reachable", { when: when(session, until) })
    : phrase(next ? "ask.closed_until" : "ask.closed", { when: next && when(session, next) });
  return html`<div class="ask-outlook">
    ${reached && html`<p class=${open ? "" : "is-warn"}>${reached}</p>`}
    <p>${phrase("ask.told", { name, when: when(session, found.accept_by) })}</p>
    <p class="quiet">${phrase("ask.answer", { when: when(session, found.answer_by) })}</p>
  </div>`;
}

/** In the right column: with whom the question is, by when, and the way to take it back. */
export function Escalated({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const running = runningEscalation(session.desk.threads.get(conversation));
  const known = session.desk.specialists.get(conversation)?.escalation;
  const escalation = running?.escalation;
  useEffect(() => {
    if (escalation && known?.id !== escalation) session.asking.fetch(conversation);
  }, [conversation, escalation]);
  if (!running) return null;
  const isKnown = known?.id === escalation;
  const isAsked = session.outboxOf(conversation).some((item) => item.frame.type === "escalation.withdraw");
  return html`<section class="escalated" aria-label=${phrase("escalated")}>
    <h3>${phrase(`escalated.${running.state}`, { name: running.specialist })}</h3>
    ${running.by && html`<p>${phrase(`escalated.${running.state}.by`, { when: when(session, running.by) })}</p>`}
    ${isKnown && html`<p class="escalated-reason"><strong>${known.reason}</strong></p><p class="quiet">${known.summary}</p>`}
    ${
      isOwn(session.desk, conversation) &&
      html`<button type="button" class="button" disabled=${isAsked}
        onClick=${() => session.asking.withdraw(conversation, escalation)}>${phrase("escalated.withdraw")}</button>`
    }
  </section>`;
}
