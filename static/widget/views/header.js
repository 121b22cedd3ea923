import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { clock, config, say } from "../page.js";
import { isFromStaff } from "../../shared/thread.js";
import { closingSoon, queuePlace, waitingSince } from "../state.js";
import { Avatar } from "./avatar.js";
import { ClockIcon, DownIcon, LeaveIcon } from "./icons.js";

const LINE_TEXTS = { connecting: "connection.connecting", offline: "connection.offline", refused: "connection.refused" };

/** How far the present wait has come, for the ring; null when nobody is awaited. */
function waitOf(thread) {
  const since = waitingSince(thread);
  if (since === null) return null;
  const answeredBefore = thread.entries.some((entry) => entry.type === "message.sent" && isFromStaff(entry.sender));
  const seconds = answeredBefore ? config.follow_up_seconds : config.first_reply_seconds;
  return { key: since, seconds, share: Math.max(0, -clock.secondsUntil(since)) / seconds };
}

function statusText(state, wait) {
  const { thread, opening } = state;
  if (thread.escalation) return say("status.specialist", { name: thread.escalation.specialist });
  if (thread.operator && thread.state === "assigned") return say("status.answering", { name: thread.operator.name });
  if (queuePlace(state)) return say("status.queued");
  if (wait && wait.share >= 1) return say("status.overdue");
  if (wait) return say("status.waiting", { seconds: config.first_reply_seconds });
  if (!opening.open) return say("status.closed");
  return say("status.open", { seconds: config.first_reply_seconds });
}

export function Header({ session, onClose }) {
  const [asking, setAsking] = useState(false);
  const { state, line } = session;
  const { thread } = state;
  const running = thread.conversation !== null && thread.state !== "closed";
  const place = queuePlace(state);
  const wait = place ? null : waitOf(thread);
  const answering = thread.state === "assigned" ? thread.operator : null;
  const closing = closingSoon(state.opening, config.closing_notice_minutes, clock.now());
  const close = () => setAsking(false);
  return html`
    <header class="header">
      <${Avatar} name=${answering?.name ?? config.organisation.name} size="large" wait=${wait} />
      <div class="header-words">
        <h1 class="header-name" id="title" tabindex="-1">${config.organisation.name}</h1>
        <p class="header-status">
          <span class="dot ${state.opening.open || running ? "dot-open" : ""}" aria-hidden="true"></span>
          <span>${statusText(state, wait)}</span>
        </p>
      </div>
      ${running &&
      html`<button class="header-button" type="button" aria-label=${say("leave.button")} title=${say("leave.button")}
        aria-expanded=${asking} onClick=${() => setAsking(!asking)}><${LeaveIcon} /></button>`}
      <button class="header-button" type="button" aria-label=${say("panel.close")} title=${say("panel.close")} onClick=${onClose}>
        <${DownIcon} />
      </button>
    </header>
    ${running && asking && html`<${LeaveQuestion} onKeep=${close} onLeave=${() => (session.leave(), close())} />`}
    ${closing &&
    html`<p class="strip strip-closing" role="status">
      <span>${say(answering ? "closing.soon_running" : "closing.soon", { time: clock.time(closing) })}</span>
    </p>`}
    ${place && html`<${QueuePlace} place=${place} />`}
    ${line in LINE_TEXTS &&
    html`<p class="strip strip-${line}" role="status">
      <span>${say(LINE_TEXTS[line])}</span>
      ${line === "offline" &&
      html`<button class="link" type="button" onClick=${session.reconnect}>${say("connection.retry")}</button>`}
    </p>`}
  `;
}

/** How long it may still take, as honestly as it is known. */
function QueuePlace({ place: { position, seconds } }) {
  return html`
    <p class="strip strip-queue" role="status">
      <${ClockIcon} />
      <strong>${position === 1 ? say("queue.next") : say("queue.place", { position })}</strong>
      ${seconds !== null && html`<span>${say("queue.minutes", { count: Math.max(1, Math.round(seconds / 60)) })}</span>`}
    </p>
  `;
}

function LeaveQuestion({ onKeep, onLeave }) {
  const first = useRef(null);
  useEffect(() => first.current.focus(), []);
  const onKeyDown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onKeep();
  };
  return html`
    <div class="strip strip-question" role="group" aria-label=${say("leave.question")} onKeyDown=${onKeyDown}>
      <span>${say("leave.question")}</span>
      <button class="small-button small-button-main" type="button" ref=${first} onClick=${onLeave}>${say("leave.yes")}</button>
      <button class="small-button" type="button" onClick=${onKeep}>${say("leave.no")}</button>
    </div>
  `;
}
