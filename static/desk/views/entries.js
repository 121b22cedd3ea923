// What stands in a conversation: bubbles, notes and quiet lines. Everybody's words are text.

import { isOwn } from "../state.js";
import { textNodes } from "../../shared/text.js";
import { Images } from "./images.js";
import { html, usePhrase, useSession, visitorLabel } from "./base.js";
import { Icon, IconButton } from "./icons.js";
import { Why } from "./why.js";

export function Item({ item, thread, editing, onEdit }) {
  const session = useSession();
  if (item.kind === "day") {
    return html`<div class="day"><span>${session.clock.dayHeading(item.at)}</span></div>`;
  }
  if (item.kind === "note") return html`<${Note} fact=${item.fact} />`;
  if (item.kind === "line") return html`<${Line} fact=${item.fact} conversation=${thread.conversation} />`;
  return html`<${Group} item=${item} thread=${thread} editing=${editing} onEdit=${onEdit} />`;
}

const TAGS = { automatic: "automatic", specialist: "specialist" };

function Group({ item, thread, editing, onEdit }) {
  const session = useSession();
  const phrase = usePhrase();
  const { kind, id, name } = item.sender;
  const isMe = kind === "operator" && id === session.desk.operator.id;
  const who = kind === "visitor" ? visitorLabel(session, thread.conversation) : isMe ? phrase("you") : name;
  return html`<div class=${`group is-${kind}`}>
    <div class="group-head">
      <span class="who">${who}</span>
      ${kind in TAGS && html`<span class="tag">${phrase(TAGS[kind])}</span>`}
      <${Time} at=${item.messages[0].at} />
    </div>
    ${item.messages.map(
      (message) => html`<${Message} key=${message.cid ?? message.id} message=${message} thread=${thread} isMe=${isMe}
        isEdited=${editing === message.seq} onEdit=${onEdit} />`,
    )}
  </div>`;
}

function Message({ message, thread, isMe, isEdited, onEdit }) {
  const session = useSession();
  const phrase = usePhrase();
  const { conversation } = thread;
  const isGone = message.deleted || session.isDeleting(conversation, message.seq);
  const canChange = isMe && message.seq && !isGone && isOwn(session.desk, conversation);
  const looks = ["message", isEdited && "is-edited-now", message.delivery && `is-${message.delivery}`].filter(Boolean);
  return html`<div class=${looks.join(" ")}>
    <div class=${`bubble ${isGone ? "is-gone" : ""}`}>
      ${isGone && phrase("deleted")}
      ${!isGone && message.body && html`<p>${textNodes(message.body)}</p>`}
      ${
        !isGone &&
        message.attachments.length > 0 &&
        html`<${Images} attachments=${message.attachments} conversation=${conversation} />`
      }
      ${message.edited && !isGone && html`<span class="edited">${phrase("edited")}</span>`}
    </div>
    ${isMe && html`<${Delivery} message=${message} thread=${thread} />`}
    ${
      canChange &&
      html`<span class="message-tools">
      <${IconButton} icon="edit" label=${phrase("edit")} onClick=${() => onEdit(message)} />
      <${IconButton} icon="remove" label=${phrase("delete")}
        onClick=${() => session.remove(conversation, message.seq)} />
    </span>`
    }
  </div>`;
}

function Delivery({ message, thread }) {
  const session = useSession();
  const phrase = usePhrase();
  if (message.delivery === "failed") {
    return html`<${Failure} fact=${message} />`;
  }
  const isRead = thread.reads.visitor >= message.seq;
  const state = message.delivery === "sending" ? "sending" : isRead ? "read" : "sent";
  const label = phrase(`delivery.${state}`);
  return html`<span class=${`delivery is-${state}`} title=${label}>
    ${state === "sending" && html`<span class="pulse" aria-hidden="true"></span>`}
    ${state !== "sending" && html`<${Icon} name=${isRead ? "read" : "done"} />`}
    <span class="visually-hidden">${label}</span>
  </span>`;
}

/** What did not arrive, why, and what to do with it. */
function Failure({ fact }) {
  const session = useSession();
  const phrase = usePhrase();
  return html`<span class="delivery is-failed" role="alert">
    ${fact.refusal || phrase("delivery.failed")}
    <button type="button" class="link" onClick=${() => session.retry(fact.cid)}>${phrase("retry")}</button>
    <button type="button" class="link" onClick=${() => session.discard(fact.cid)}>${phrase("discard")}</button>
  </span>`;
}

function Time({ at }) {
  const { clock } = useSession();
  return html`<time datetime=${at} title=${clock.full(at)}>${clock.time(at)}</time>`;
}

/** A colleague's note; or a supervisor's whisper, which stands out. */
function Note({ fact }) {
  const phrase = usePhrase();
  const isWhisper = fact.type === "whisper.added";
  const looks = ["note", isWhisper && "is-whisper", fact.delivery && `is-${fact.delivery}`].filter(Boolean).join(" ");
  return html`<div class=${looks}>
    <div class="group-head">
      <${Icon} name=${isWhisper ? "whisper" : "note"} />
      <span class="who">${fact.sender.name}</span>
      <span class="tag">${phrase(isWhisper ? "whisper.for_you" : "note.staff_only")}</span>
      <${Time} at=${fact.at} />
    </div>
    <p>${textNodes(fact.body)}</p>
    ${fact.delivery === "failed" && html`<${Failure} fact=${fact} />`}
  </div>`;
}

/** Fact type → its line: [text, look]. Those of staff only are marked as such. */
const LINES = {
  "topic.asked": (phrase) => phrase("line.topic_asked"),
  "topic.chosen": (phrase, fact) => phrase("line.topic_chosen", { topic: fact.label }),
  "conversation.assigned": (phrase, fact) =>
    fact.operator ? phrase("line.assigned", { name: fact.operator.name }) : phrase("line.unassigned"),
  "conversation.closed": (phrase, fact) => phrase(`line.closed.${fact.by}`, { name: fact.sender.name }),
  "conversation.reopened": (phrase) => phrase("line.reopened"),
  "rating.given": (phrase, fact) => phrase("line.rating", { mark: fact.mark }),
  "offer.made": (phrase, fact) => phrase(`line.offer.${HOW[fact.reasons.decided_by] ?? "offered"}`, { name: fact.operator.name }),
  "offer.withdrawn": (phrase, fact) => phrase(`line.withdrawn.${fact.reason}`, { name: fact.operator.name }),
  "promise.warned": (phrase, fact) => phrase(`line.warned.${fact.kind}`),
  "promise.broken": (phrase, fact) => phrase(`line.broken.${fact.kind}`),
  "promise.paused": (phrase, fact, clock) =>
    fact.resumes_at
      ? phrase(`line.paused.${fact.reason}.until`, { day: clock.day(fact.resumes_at), time: clock.time(fact.resumes_at) })
      : phrase(`line.paused.${fact.reason}`),
  "promise.resumed": (phrase, fact, clock) => phrase("line.resumed", { time: clock.time(fact.due_at) }),
  "escalation.moved": (phrase, fact, clock) =>
    phrase(`line.escalation.${fact.state}${fact.by ? ".by" : ""}`, {
      name: fact.specialist,
      when: fact.by && phrase("moment", { day: clock.day(fact.by), time: clock.time(fact.by) }),
    }),
  "question.kept": (phrase, fact) => phrase(`line.kept.${fact.reason}`),
  "supervisor.alerted": (phrase, fact) => phrase(`line.alerted.${fact.kind}`),
};
const LOOKS = {
  "offer.withdrawn": "is-warn",
  "promise.warned": "is-warn",
  "promise.broken": "is-broken",
  "escalation.moved": "is-news",
  "supervisor.alerted": "is-warn",
  "rating.given": "is-rating",
};
/** How an offer came to be, where a person decided. */
const HOW = { taken: "taken", taken_over: "taken_over", reassigned: "reassigned" };

function Line({ fact }) {
  const phrase = usePhrase();
  const { clock } = useSession();
  const write = LINES[fact.type];
  if (!write) return null;
  const isStaff = fact.desk_seq !== undefined;
  const staffOnly = phrase("note.staff_only");
  const looks = `line ${LOOKS[fact.type] ?? ""} ${isStaff ? "is-staff" : ""}`;
  return html`<div class=${looks} title=${isStaff ? staffOnly : undefined}>
    ${isStaff && html`<span class="visually-hidden">${staffOnly}: </span>`}
    <span>${write(phrase, fact, clock)}</span>
    ${fact.type === "offer.made" && html`<${Why} offer=${fact} />`}
    ${fact.type === "rating.given" && fact.comment && html`<q>${fact.comment}</q>`}
    <${Time} at=${fact.at} />
  </div>`;
}
