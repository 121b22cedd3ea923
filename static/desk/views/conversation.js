// The middle column: one conversation, what to write in it, and how to close it.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { pendingEntries } from "../../shared/thread.js";
import { PURPOSES } from "../keys.js";
import { isOwn, rowOf } from "../state.js";
import { timeline } from "../timeline.js";
import { Mark, html, topicLabel, usePhrase, useSession, visitorLabel } from "./base.js";
import { Composer } from "./composer.js";
import { Countdown, PromiseWords } from "./countdown.js";
import { EndingCorrection, EndingDraft } from "./ending.js";
import { Item } from "./entries.js";
import { Icon, IconButton } from "./icons.js";
import { AnswerStrip } from "./knowledge.js";
import { WatchBar } from "./supervising.js";
import { useDrop, useUploads } from "./uploads.js";

/** This near to its end a thread keeps following new messages. */
const FOLLOW_PX = 80;

export function Conversation({ conversation, onFacts, factsOpen, onAnswers, answersOpen }) {
  const session = useSession();
  const phrase = usePhrase();
  const [editing, setEditing] = useState(null);
  const uploads = useUploads(conversation);
  const canReply = isOwn(session.desk, conversation);
  const drop = useDrop((files) => canReply && uploads.add(files));
  const row = rowOf(session.desk, conversation);
  const thread = session.desk.threads.get(conversation);
  useEffect(() => setEditing(null), [conversation]);

  function editLast() {
    const { id } = session.desk.operator;
    const last = thread.entries.findLast(
      (entry) => entry.type === "message.sent" && entry.sender.id === id && !entry.deleted,
    );
    if (last && canReply && !session.isDeleting(conversation, last.seq)) setEditing(last);
  }

  return html`<main class="talk" aria-label=${phrase("conversation")} ...${drop.handlers}>
    <${Head} conversation=${conversation} row=${row} onFacts=${onFacts} factsOpen=${factsOpen}
      onAnswers=${onAnswers} answersOpen=${answersOpen} />
    <${WatchBar} conversation=${conversation} row=${row} />
    <${Thread} key=${conversation} thread=${thread} editing=${editing?.seq} onEdit=${setEditing} />
    ${row?.state === "waiting" && !session.desk.supervises && html`<${Take} conversation=${conversation} />`}
    ${canReply && html`<${AnswerStrip} conversation=${conversation} />`}
    <${Composer} conversation=${conversation} uploads=${uploads} editing=${editing} onEditLast=${editLast}
      onEditEnd=${() => setEditing(null)} />
    ${canReply ? html`<${EndingDraft} conversation=${conversation} />` : html`<${EndingCorrection} conversation=${conversation} />`}
    ${canReply && html`<${Closing} conversation=${conversation} />`}
    ${drop.isOver && canReply && html`<div class="drop-here" aria-hidden="true">${phrase("drop_here")}</div>`}
  </main>`;
}

function Head({ conversation, row, onFacts, factsOpen, onAnswers, answersOpen }) {
  const session = useSession();
  const phrase = usePhrase();
  const organisation = session.desk.organisations.get(session.desk.places.get(conversation));
  const state = row?.state ?? session.desk.details.get(conversation)?.state;
  const topic = row?.topic ?? session.desk.details.get(conversation)?.topic;
  const about = [organisation?.name, topic && topicLabel(session, conversation, topic)];
  return html`<header class="talk-head">
    <div class="only-narrow">
      <${IconButton} icon="back" label=${phrase("back")} onClick=${() => session.open(null)} />
    </div>
    <${Mark} organisation=${organisation} size="is-large" />
    <div class="talk-title">
      <h1>${visitorLabel(session, conversation)}</h1>
      <p class="quiet">${about.filter(Boolean).join(" · ")}</p>
    </div>
    ${
      row?.promise &&
      html`<div class="talk-promise">
      <${PromiseWords} promise=${row.promise} /><${Countdown} promise=${row.promise} large />
    </div>`
    }
    ${!row?.promise && state && html`<span class="state">${phrase(stateKey(session, conversation, state, row?.paused))}</span>`}
    <div class="facts-button">
      <${IconButton} icon="answers" label=${phrase("answers")} aria-expanded=${answersOpen} onClick=${onAnswers} />
      <${IconButton} icon="facts" label=${phrase("facts")} aria-expanded=${factsOpen} onClick=${onFacts} />
    </div>
  </header>`;
}

function stateKey(session, conversation, state, paused) {
  if (isOwn(session.desk, conversation)) return paused ? `paused.${paused}` : "state.answered";
  return state === "waiting" || state === "closed" ? `state.${state}` : "state.elsewhere";
}

function Thread({ thread, editing, onEdit }) {
  const session = useSession();
  const phrase = usePhrase();
  const box = useRef(null);
  const follows = useRef(true);
  const [below, setBelow] = useState(false);
  const conversation = thread?.conversation;
  const me = { kind: "operator", ...session.desk.operator };
  const pending = thread ? pendingEntries(thread, session.outboxOf(conversation), me) : [];
  const items = thread ? timeline(thread, pending, session.clock.dayKey) : [];
  const isTyping = session.desk.typing.has(conversation);
  const size = (thread?.entries.length ?? 0) + (thread?.deskEntries.length ?? 0) + pending.length;

  useLayoutEffect(() => {
    if (follows.current) box.current.scrollTop = box.current.scrollHeight;
    else setBelow(true);
  }, [size, isTyping]);
  useLayoutEffect(() => {
    // Images and the composer change the height without a new entry.
    const watcher = new ResizeObserver(() => {
      if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watcher.observe(box.current);
    watcher.observe(box.current.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    const mark = () => document.hasFocus() && follows.current && session.markRead(conversation);
    mark();
    window.addEventListener("focus", mark);
    return () => window.removeEventListener("focus", mark);
  }, [size, below]);

  function scrolled() {
    if (!box.current) return; // the last event of a thread that is being left
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    follows.current = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
    if (follows.current) setBelow(false);
  }

  function toEnd() {
    follows.current = true;
    setBelow(false);
    box.current.scrollTo({ top: box.current.scrollHeight, behavior: "smooth" });
  }

  return html`<div class="thread-frame">
    <div class="thread" ref=${box} onScroll=${scrolled} role="log" aria-label=${phrase("messages")} tabIndex="0">
      <div class="thread-inner">
        ${size === 0 && html`<div class="loading" role="status">${phrase("loading")}</div>`}
        ${items.map(
          (item) => html`<${Item} key=${item.key} item=${item} thread=${thread} editing=${editing} onEdit=${onEdit} />`,
        )}
        ${
          isTyping &&
          html`<div class="group is-visitor">
          <div class="bubble typing" role="img" aria-label=${phrase("typing")}><i></i><i></i><i></i></div>
        </div>`
        }
      </div>
    </div>
    ${
      below &&
      html`<button type="button" class="button to-end" onClick=${toEnd}>
      <${Icon} name="down" />${phrase("new_messages")}</button>`
    }
  </div>`;
}

function Take({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const isAsked = session.outboxOf(conversation).some((item) => item.frame.type === "conversation.take");
  return html`<div class="take">
    <p>${phrase("take.explained")}</p>
    <button type="button" class="button button-main" disabled=${isAsked} onClick=${() => session.take(conversation)}>
      ${phrase("take")} <kbd>T</kbd></button>
  </div>`;
}

function Closing({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  return html`<div class="closing" role="group" aria-label=${phrase("close_as")}>
    <span class="quiet">${phrase("close_as")} <kbd>Alt Shift</kbd></span>
    ${PURPOSES.map(
      (purpose, index) => html`<button type="button" key=${purpose} class="closing-button" data-purpose=${purpose}
        aria-keyshortcuts=${`Alt+Shift+${index + 1}`} onClick=${() => session.close(conversation, purpose)}>
        ${phrase(`purpose.${purpose}`)} <kbd>${index + 1}</kbd></button>`,
    )}
  </div>`;
}
