// Who is working: the four states, what the present one means, and the small panel that begins a break.

import { useEffect, useRef, useState } from "preact/hooks";
import { BREAK_MINUTES, REASONS, STATES, breakLeft } from "../presence.js";
import { answersFor } from "../rows.js";
import { html, initials, usePhrase, useSession, useTicking } from "./base.js";

const TICK_MS = 1_000;
const BREAK_BUTTON = "break-button";

export function Identity() {
  const session = useSession();
  const phrase = usePhrase();
  const [isOpen, setOpen] = useState(false);
  const { name, presence } = session.desk.operator;

  function choose(state) {
    if (state === "on_break") {
      setOpen(!isOpen);
      return;
    }
    setOpen(false);
    session.duty.setPresence(state);
  }

  function close() {
    setOpen(false);
    document.getElementById(BREAK_BUTTON)?.focus();
  }

  // Nothing is ever offered to somebody who only supervises: there is nothing to choose.
  if (!answersFor(session.desk)) {
    return html`<header class="identity">
      <span class="face" aria-hidden="true">${initials(name)}</span>
      <div class="identity-name"><strong>${name}</strong><span class="quiet">${phrase("supervisor")}</span></div>
    </header>`;
  }
  return html`<header class="identity">
    <span class=${`face is-${presence.state}`} aria-hidden="true">${initials(name)}</span>
    <div class="identity-name">
      <strong>${name}</strong>
      <${Meaning} />
    </div>
    <div class="switch" role="group" aria-label=${phrase("presence")}>
      ${STATES.map(
        (state) => html`<button type="button" key=${state} class=${`is-${state}`} title=${phrase(`presence.${state}.long`)}
          id=${state === "on_break" ? BREAK_BUTTON : undefined}
          aria-expanded=${state === "on_break" ? isOpen : undefined}
          aria-pressed=${presence.state === state} onClick=${() => choose(state)}>${phrase(`presence.${state}`)}</button>`,
      )}
    </div>
    ${isOpen && html`<${BreakPanel} onClose=${close} />`}
  </header>`;
}

/** Opens the panel of breaks, or ends the break: what the key does. */
export function toggleBreak(session) {
  if (!answersFor(session.desk)) return;
  if (session.desk.operator.presence.state === "on_break") session.duty.setPresence("available");
  else document.getElementById(BREAK_BUTTON)?.click();
}

/** What the present state means; of a break, how long it still is. */
function Meaning() {
  const session = useSession();
  const phrase = usePhrase();
  useTicking(TICK_MS);
  const { presence } = session.desk.operator;
  if (presence.state !== "on_break") return html`<span class="quiet">${phrase(`presence.${presence.state}.long`)}</span>`;
  const left = breakLeft(presence, session.clock.now());
  const reason = phrase(`break.${presence.reason}`);
  if (!left) {
    return html`<span class="quiet">${phrase("break.open", { reason, time: session.clock.time(presence.since) })}</span>`;
  }
  const time = session.clock.time(presence.until);
  if (left.isOver) return html`<span class="break-over">${phrase("break.over_since", { reason, time })}</span>`;
  return html`<span class="quiet">${phrase("break.left", { reason, time, count: left.minutes })}</span>`;
}

function BreakPanel({ onClose }) {
  const session = useSession();
  const phrase = usePhrase();
  const form = useRef(null);
  const { presence } = session.desk.operator;
  const [reason, setReason] = useState(presence.reason || REASONS[0]);
  const [minutes, setMinutes] = useState(15);

  useEffect(() => {
    form.current.querySelector("input:checked").focus();
    const leave = (event) => {
      if (event.type === "keydown" ? event.key === "Escape" : !form.current.parentElement.contains(event.target)) {
        onClose();
      }
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("keydown", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("keydown", leave);
    };
  }, []);

  function begin(event) {
    event.preventDefault();
    session.duty.setPresence("on_break", reason, minutes);
    onClose();
  }

  return html`<form class="break" ref=${form} onSubmit=${begin} aria-label=${phrase("break.title")}>
    <fieldset>
      <legend>${phrase("break.why")}</legend>
      <div class="choices">${REASONS.map(
        (name) => html`<label key=${name}><input type="radio" name="reason" value=${name} checked=${reason === name}
          onChange=${() => setReason(name)} /><span>${phrase(`break.${name}`)}</span></label>`,
      )}</div>
    </fieldset>
    <fieldset>
      <legend>${phrase("break.how_long")}</legend>
      <div class="choices">${BREAK_MINUTES.map(
        (count) => html`<label key=${count ?? "open"}><input type="radio" name="minutes" checked=${minutes === count}
          onChange=${() => setMinutes(count)} />
          <span>${count ? phrase("break.minutes", { count }) : phrase("break.no_end")}</span></label>`,
      )}</div>
    </fieldset>
    <button class="button button-main">${phrase(presence.state === "on_break" ? "break.change" : "break.begin")}</button>
  </form>`;
}
