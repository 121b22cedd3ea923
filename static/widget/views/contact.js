import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { clock, config, say } from "../page.js";
import { HelpFound } from "./help.js";
import { CheckIcon, MailIcon, MoonIcon } from "./icons.js";

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** When the desk is back, in the visitor's words and time zone; empty when no hours are known. */
function backText(opening) {
  if (!opening.next_opening) return say("closed.unknown");
  return say("closed.back", { day: clock.day(opening.next_opening), time: clock.time(opening.next_opening) });
}

function problemsOf(form, isAsking) {
  const problems = {};
  if (isAsking && !form.body.trim()) problems.body = say("contact.body_problem");
  else if (isAsking && form.body.length > config.limits.body_characters) problems.body = say("composer.too_long");
  if (!ADDRESS.test(form.email.trim())) problems.email = say("contact.email_problem");
  return problems;
}

/** Outside opening hours: when it opens again, and a question that is answered by e-mail. */
export function Contact({ session }) {
  const { opening } = session.state;
  return html`
    <section class="contact" aria-labelledby="contact-title">
      <div class="contact-head">
        <span class="contact-moon"><${MoonIcon} /></span>
        <div>
          <h2 class="card-title" id="contact-title" dir="auto">
            ${opening.label ? say("closed.because", { label: opening.label }) : say("closed.title")}
          </h2>
          <p class="card-soft">${backText(opening)}</p>
        </div>
      </div>
      ${session.contactSentTo
        ? html`<${Thanks} title=${say("contact.thanks")} email=${session.contactSentTo} isNew=${true} onAgain=${session.writeContactAgain} />`
        : html`<${ContactForm} session=${session} />`}
    </section>
  `;
}

/** The question in the thread is answered later: where to? */
export function Kept({ session }) {
  const { state, keptAnswerTo: email } = session;
  const suffix = state.thread.kept.reason === "call_back" ? ".call_back" : "";
  const onAgain = state.thread.state === "closed" ? session.beginFresh : null;
  return html`
    <section class="contact" aria-labelledby="kept-title">
      ${email
        ? html`<${Thanks} title=${say(`kept.title${suffix}`)} email=${email} isNew=${session.contactSentTo !== ""} onAgain=${onAgain} />`
        : html`
            <div class="contact-head">
              <span class="contact-moon"><${MailIcon} /></span>
              <div>
                <h2 class="card-title" id="kept-title">${say(`kept.title${suffix}`)}</h2>
                <p class="card-soft">${say(`kept.where${suffix}`)}</p>
              </div>
            </div>
            <${ContactForm} session=${session} isKept=${true} />
          `}
    </section>
  `;
}

/** `isNew`: the address was left a moment ago, where the focus is. */
function Thanks({ title, email, isNew, onAgain }) {
  const box = useRef(null);
  useEffect(() => {
    if (isNew) box.current.focus();
  }, []);
  return html`
    <div class="contact-thanks" role="status" tabindex="-1" ref=${box}>
      <span class="card-tick"><${CheckIcon} /></span>
      <p class="card-title" id="kept-title">${title}</p>
      <p class="card-soft">${say("contact.answer_to", { email })}</p>
      ${onAgain && html`<button class="link" type="button" onClick=${onAgain}>${say("contact.again")}</button>`}
    </div>
  `;
}

/** `isKept`: the question is known already, only the address is wanted. */
function ContactForm({ session, isKept = false }) {
  const [form, setForm] = useState(session.contactDraft);
  const [problems, setProblems] = useState({});
  const element = useRef(null);
  const unsent = session.unanswered("contact.send");

  const change = (field) => (event) => {
    const { type, checked, value } = event.currentTarget;
    const next = { ...form, [field]: type === "checkbox" ? checked : value };
    setForm(next);
    session.keepContact(next);
    if (field === "body") session.seekHelp(next.body);
    if (problems[field]) setProblems(problemsOf(next, !isKept));
  };
  useEffect(() => {
    // What moved here from the composer, or was left here before, may have an answer as well.
    if (!isKept && form.body) session.seekHelp(form.body);
  }, []);
  const submit = (event) => {
    event.preventDefault();
    const found = problemsOf(form, !isKept);
    setProblems(found);
    const wrong = Object.keys(found)[0];
    if (wrong) element.current.elements[wrong].focus();
    else {
      if (unsent) session.discard(unsent.cid);
      const { may_ask } = form;
      session.sendContact({ name: form.name.trim(), email: form.email.trim(), body: isKept ? "" : form.body.trim(), may_ask });
    }
  };
  const sending = unsent?.state === "sending";

  return html`
    <form class="contact-form" ref=${element} novalidate onSubmit=${submit}>
      ${!isKept &&
      html`<${Field} name="body" label=${say("contact.body")} value=${form.body} rows="4" problem=${problems.body} onInput=${change("body")} />
        <${HelpFound} session=${session} />`}
      <${Field} name="name" label=${say("contact.name")} value=${form.name} autocomplete="name" maxlength="80" onInput=${change("name")} />
      <${Field} name="email" type="email" label=${say("contact.email")} value=${form.email} autocomplete="email"
        maxlength="254" problem=${problems.email} onInput=${change("email")} />
      ${config.asks_by_mail &&
      html`<label class="field-check">
        <input type="checkbox" name="may_ask" checked=${form.may_ask} onChange=${change("may_ask")} />
        <span>${say("contact.may_ask")}</span>
      </label>`}
      ${unsent?.state === "failed" && html`<p class="card-problem" role="alert">${unsent.message || say("contact.failed")}</p>`}
      <button class="wide-button" type="submit" disabled=${sending}>
        ${sending ? say("message.sending") : say(isKept ? "kept.send" : "contact.send")}
      </button>
    </form>
  `;
}

function Field({ name, label, problem, rows, type = "text", ...rest }) {
  const id = `contact-${name}`;
  const shared = { id, name, "aria-invalid": problem ? "true" : undefined, "aria-describedby": `${id}-problem`, ...rest };
  return html`
    <div class="field ${problem ? "field-wrong" : ""}">
      <label for=${id}>${label}</label>
      ${rows ? html`<textarea rows=${rows} ...${shared}></textarea>` : html`<input type=${type} ...${shared} />`}
      <p class="field-problem" id=${`${id}-problem`} aria-live="polite">${problem}</p>
    </div>
  `;
}
