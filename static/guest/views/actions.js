// What the specialist can do, at the lower edge: take it on or not, answer, promise a call-back, finish.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { clock, config, say } from "../page.js";
import { localValue } from "../state.js";
import { Problem } from "./problem.js";

const NOTE_CHARACTERS = 500;
const TALLEST_PX = 180;
// A call-back is suggested for this far ahead, and may be promised for at most so many days.
const CALL_BACK_HOURS = 3;
const CALL_BACK_DAYS = 30;

export function Actions({ session }) {
  const { question } = session.state;
  // "decline" or "call_back" while its form is open.
  const [form, setForm] = useState("");
  const close = () => setForm("");
  const asked = question.state === "asked";
  return html`
    <footer class="actions" aria-label=${say("actions.label")}>
      ${session.offline && html`<p class="problem" role="status">${say("problem.offline")}</p>`}
      ${!session.offline && html`<${Problem} session=${session} />`}
      ${form === "decline" && html`<${Decline} session=${session} onClose=${close} />`}
      ${form === "call_back" && html`<${CallBack} session=${session} onClose=${close} />`}
      ${form === "" && (asked ? html`<${Choice} session=${session} onDecline=${() => setForm("decline")} />`
        : html`<${Answer} session=${session} onCallBack=${() => setForm("call_back")} onDecline=${() => setForm("decline")} />`)}
    </footer>
  `;
}

function Choice({ session, onDecline }) {
  const busy = session.busy !== "";
  return html`
    <div class="row">
      <button class="main-button" type="button" disabled=${busy} onClick=${session.accept}>${say("accept.button")}</button>
      <button class="side-button" type="button" disabled=${busy} onClick=${onDecline}>${say("decline.button")}</button>
    </div>
  `;
}

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(TALLEST_PX, field.scrollHeight)}px`;
}

/** Enter sends where there is a keyboard for it; on a phone it begins a line. */
function sends(event) {
  const wanted = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
  return wanted && (event.ctrlKey || event.metaKey || window.matchMedia("(pointer: fine)").matches);
}

function Answer({ session, onCallBack, onDecline }) {
  const [body, setBody] = useState(session.draft);
  const field = useRef(null);
  const { state } = session.state.question;
  const busy = session.busy !== "";
  const left = config.limits.body_characters - body.length;
  const ready = body.trim() !== "" && left >= 0;

  useEffect(() => field.current.focus({ preventScroll: true }), []);
  useLayoutEffect(() => fit(field.current), [body]);

  const write = (text) => {
    setBody(text);
    session.keepDraft(text);
  };
  const submit = (event) => {
    event.preventDefault();
    if (!ready) return;
    session.say(body.trim());
    setBody("");
    field.current.focus();
  };
  return html`
    <form class="composer" onSubmit=${submit}>
      <textarea rows="1" ref=${field} value=${body} dir="auto" aria-label=${say("answer.label")} placeholder=${say("answer.placeholder")}
        aria-invalid=${left < 0 ? "true" : undefined} onInput=${(event) => write(event.currentTarget.value)}
        onKeyDown=${(event) => sends(event) && submit(event)}></textarea>
      <button class="main-button" type="submit" disabled=${!ready}>${say("answer.send")}</button>
    </form>
    ${left < 0 && html`<p class="problem" role="status">${say("answer.too_long")}</p>`}
    <div class="row row-quiet">
      ${state === "answered" && html`<button class="side-button" type="button" disabled=${busy} onClick=${session.finish}>${say("finish.button")}</button>`}
      <button class="side-button" type="button" disabled=${busy} onClick=${onCallBack}>${say("call_back.button")}</button>
      ${state === "accepted" && html`<button class="side-button" type="button" disabled=${busy} onClick=${onDecline}>${say("decline.button")}</button>`}
    </div>
  `;
}

/** A form in the place of the actions: Escape leaves it. */
function Form({ title, button, session, onSend, onClose, children }) {
  const element = useRef(null);
  useEffect(() => element.current.querySelector("textarea, input").focus(), []);
  const submit = (event) => {
    event.preventDefault();
    onSend();
  };
  return html`
    <form class="form" ref=${element} aria-label=${title} onSubmit=${submit} onKeyDown=${(event) => event.key === "Escape" && onClose()}>
      <p class="form-title">${title}</p>
      ${children}
      <div class="row">
        <button class="main-button" type="submit" disabled=${session.busy !== ""}>${button}</button>
        <button class="side-button" type="button" onClick=${onClose}>${say("form.back")}</button>
      </div>
    </form>
  `;
}

function Decline({ session, onClose }) {
  const [note, setNote] = useState("");
  return html`
    <${Form} title=${say("decline.title")} button=${say("decline.send")} session=${session} onClose=${onClose}
      onSend=${() => session.decline(note.trim())}>
      <label>${say("decline.note")}
        <textarea rows="3" maxlength=${NOTE_CHARACTERS} value=${note} onInput=${(event) => setNote(event.currentTarget.value)}></textarea>
      </label>
    <//>
  `;
}

function CallBack({ session, onClose }) {
  const now = new Date(clock.now());
  const suggested = new Date(now.getTime() + CALL_BACK_HOURS * 3_600_000);
  const [by, setBy] = useState(localValue(suggested));
  const most = new Date(now.getTime() + CALL_BACK_DAYS * 86_400_000);
  return html`
    <${Form} title=${say("call_back.title")} button=${say("call_back.send")} session=${session} onClose=${onClose}
      onSend=${() => session.callBack(new Date(by))}>
      <label>${say("call_back.by")}
        <input type="datetime-local" required min=${localValue(now)} max=${localValue(most)} value=${by}
          onInput=${(event) => setBy(event.currentTarget.value)} />
      </label>
      <p class="soft">${say("call_back.explained")}</p>
    <//>
  `;
}
