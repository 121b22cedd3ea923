// The left column: who is working, whom they answer, who waits, and what was just closed.

import { useRef } from "preact/hooks";
import { answersFor } from "../rows.js";
import { preview } from "../timeline.js";
import { sections } from "../state.js";
import { Mark, html, languageName, topicLabel, usePhrase, useSession, visitorLabel } from "./base.js";
import { Calls } from "./calls.js";
import { Countdown } from "./countdown.js";
import { Icon } from "./icons.js";
import { QualityLinks } from "./quality.js";
import { Identity } from "./presence.js";

export function Inbox({ footer }) {
  const session = useSession();
  const phrase = usePhrase();
  const { mine, watched, waiting, recent } = sections(session.desk);
  const { capacity } = session.desk.operator;
  const { wallboard_path: wallboard } = session.config;
  return html`<aside class="inbox" aria-label=${phrase("inbox")}>
    <${QualityLinks} />
    ${wallboard && html`<a class="to-wallboard" href=${wallboard}><${Icon} name="board" />${phrase("wallboard")}</a>`}
    <${Identity} />
    <${Calls} />
    <nav class="rows" aria-label=${phrase("conversations")} ...${useMovingRows(session)}>
      ${mine.length + watched.length + waiting.length === 0 && html`<${EmptyInbox} />`}
      <${Section} title=${phrase("mine")} count=${phrase("count_of", { count: mine.length, capacity })} rows=${mine} />
      <${Section} title=${phrase("watched")} count=${watched.length} rows=${watched} />
      <${Section} title=${phrase("waiting")} count=${waiting.length} rows=${waiting} />
      <${Section} title=${phrase("recent")} rows=${recent} />
    </nav>
    ${footer}
  </aside>`;
}

/** A row that moves to another section between press and release is another element there, and no click comes of it. */
function useMovingRows(session) {
  const pressed = useRef(null);
  return {
    onPointerDown(event) {
      pressed.current = event.button === 0 ? event.target.closest(".row") : null;
    },
    onPointerUp() {
      const row = pressed.current;
      pressed.current = null;
      if (row && !row.isConnected) session.open(row.dataset.conversation);
    },
  };
}

function Section({ title, count, rows }) {
  if (!rows.length) return null;
  return html`<section>
    <h2 class="rows-title">
      <span>${title}</span>
      ${count !== undefined && html`<span class="rows-count">${count}</span>`}
    </h2>
    <ul>${rows.map((row) => html`<li key=${row.conversation}><${Row} row=${row} /></li>`)}</ul>
  </section>`;
}

function Row({ row }) {
  const session = useSession();
  const phrase = usePhrase();
  const { desk } = session;
  const { conversation } = row;
  const organisation = desk.organisations.get(row.organisation);
  const isOpen = desk.rows.has(conversation);
  const unread = isOpen ? session.unread(conversation) : 0;
  const facts = [organisation?.name ?? row.organisation, row.topic && topicLabel(session, conversation, row.topic)];
  const isChosen = desk.selected === conversation;
  const looks = ["row", isChosen && "is-chosen", unread && "is-unread", !isOpen && "is-recent"]
    .filter(Boolean)
    .join(" ");
  return html`<button type="button" class=${looks} aria-current=${isChosen ? "true" : undefined}
    data-conversation=${conversation} onClick=${() => session.open(conversation)}>
    <${Mark} organisation=${organisation} />
    <span class="row-text">
      <span class="row-head">
        <span class="row-name">${visitorLabel(session, conversation)}</span>
        <abbr class="language" title=${languageName(session, row.language)}>${row.language}</abbr>
        ${unread > 0 && html`<span class="unread" title=${phrase("unread", { count: unread })}>${unread}</span>`}
      </span>
      <span class="row-facts">${facts.filter(Boolean).join(" · ")}</span>
      <${LastWords} conversation=${conversation} />
    </span>
    ${row.promise && html`<${Countdown} promise=${row.promise} />`}
    ${
      !row.promise &&
      isOpen &&
      html`<span class=${`answered ${row.paused ? "is-paused" : ""}`} title=${phrase(row.paused ? `paused.${row.paused}` : "answered")}>
      <${Icon} name=${row.paused ? "pause" : "done"} /></span>`
    }
  </button>`;
}

function LastWords({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  if (session.desk.typing.has(conversation)) return html`<span class="row-words is-typing">${phrase("typing")}</span>`;
  const draft = session.draft(conversation);
  if (draft.reply && session.desk.selected !== conversation) {
    return html`<span class="row-words"><em>${phrase("draft")}</em> ${draft.reply}</span>`;
  }
  const last = preview(session.desk.threads.get(conversation));
  if (!last) return html`<span class="row-words"></span>`;
  const text = last.text || phrase("images", { count: last.attachments });
  const isMe = last.sender.id === session.desk.operator.id;
  const name = isMe ? phrase("you_short") : `${last.sender.name}:`;
  const who = last.sender.kind === "operator" && html`<em>${name}</em> `;
  return html`<span class="row-words">${who}${text}</span>`;
}

function EmptyInbox() {
  const session = useSession();
  const phrase = usePhrase();
  if (!session.desk.welcomed) return html`<div class="empty-rows" aria-hidden="true"><i></i><i></i><i></i></div>`;
  if (!answersFor(session.desk)) return html`<div class="empty"><p>${phrase("empty.supervisor")}</p></div>`;
  const { state } = session.desk.operator.presence;
  const isAway = state !== "available";
  return html`<div class="empty">
    <p class="empty-title">${phrase("empty.title")}</p>
    <p>${phrase(`empty.${state}`)}</p>
    ${
      isAway &&
      html`<button type="button" class="button button-main" onClick=${() => session.duty.setPresence("available")}>
      ${phrase("presence.become_available")}</button>`
    }
    <ul class="legend">
      ${["calm", "warn", "broken"].map(
        (phase) => html`<li key=${phase}><span class=${`dot is-${phase}`}></span>${phrase(`empty.${phase}`)}</li>`,
      )}
    </ul>
  </div>`;
}
