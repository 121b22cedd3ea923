// The whole desk: three columns, the keys that work everywhere, and what lies on top.

import { useEffect, useLayoutEffect, useReducer, useState } from "preact/hooks";
import { actionFor, isTyping } from "../keys.js";
import { isOwn, sections } from "../state.js";
import { SessionContext, html, usePhrase, useSession } from "./base.js";
import { AskDialog, beginAsking } from "./asking.js";
import { CardDialog } from "./card.js";
import { focusComposer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { focusEnding } from "./ending.js";
import { Facts } from "./facts.js";
import { Inbox } from "./inbox.js";
import { insertOffered } from "./inserting.js";
import { Knowledge, focusSearch } from "./knowledge.js";
import { Help, LineBanner, Toasts } from "./overlays.js";
import { toggleBreak } from "./presence.js";
import { Settings } from "./settings.js";
import { Alerts } from "./supervising.js";

const LETTERS_KEY = "desk.letters";

/** @param {{session: object, alerts: object}} properties */
export function App({ session, alerts }) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  useEffect(() => session.subscribe(redraw), [session]);
  return html`<${SessionContext.Provider} value=${session}><${Desk} alerts=${alerts} /><//>`;
}

function Desk({ alerts }) {
  const session = useSession();
  const phrase = usePhrase();
  const [helpOpen, setHelpOpen] = useState(false);
  const [factsOpen, setFactsOpen] = useState(false);
  const [answersOpen, setAnswersOpen] = useState(false);
  const [lettersOn, setLettersOn] = useState(session.storage.getItem(LETTERS_KEY) !== "no");
  const { selected } = session.desk;

  // Before the next paint: the very next key must already know.
  useLayoutEffect(() => {
    const pressed = (event) => {
      if (document.querySelector("dialog[open]")) return;
      const action = actionFor(event, isTyping(event.target), lettersOn);
      if (!action) return;
      event.preventDefault();
      actions[action.name](action);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [lettersOn]);

  useEffect(() => {
    // Where the answers are a drawer, it would lie over what is being written.
    const focused = (event) => event.target.id === "composer" && setAnswersOpen(false);
    document.addEventListener("focusin", focused);
    return () => document.removeEventListener("focusin", focused);
  }, []);

  const actions = {
    open_next: () => step(session, 1),
    open_previous: () => step(session, -1),
    focus_next: () => stepFocus(1),
    focus_previous: () => stepFocus(-1),
    reply: () => focusComposer(session, "reply"),
    note: () => focusComposer(session, "note"),
    take: () =>
      session.desk.rows.get(session.desk.selected)?.state === "waiting" && session.take(session.desk.selected),
    close: ({ purpose }) => session.close(session.desk.selected, purpose),
    ending: () => focusEnding(),
    quality: () => session.openPage(session.config.follow_ups_path ?? session.config.coaching_path),
    ask: () => beginAsking(session),
    facts: () => setFactsOpen((isOpen) => !isOpen),
    pause: () => toggleBreak(session),
    insert: ({ rank }) => insertOffered(session, rank),
    search() {
      setAnswersOpen(true);
      focusSearch(session);
    },
    article() {
      setAnswersOpen(true);
      toggleArticle(session);
    },
    gap: () => isOwn(session.desk, session.desk.selected) && session.consulting.flag(session.desk.selected),
    help: () => setHelpOpen(true),
  };

  function switchLetters(isOn) {
    session.storage.setItem(LETTERS_KEY, isOn ? "yes" : "no");
    setLettersOn(isOn);
  }

  const footer = html`<${Settings} alerts=${alerts} onHelp=${() => setHelpOpen(true)} />`;
  return html`<div class=${`desk ${selected ? "has-conversation" : ""}`}>
    <${LineBanner} />
    <${Alerts} />
    <div class="columns">
      <${Inbox} footer=${footer} />
      ${
        selected
          ? html`<${Conversation} conversation=${selected} factsOpen=${factsOpen} onFacts=${actions.facts}
              answersOpen=${answersOpen} onAnswers=${() => setAnswersOpen((isOpen) => !isOpen)} />
            <div class=${`side ${session.consulting.reading ? "is-reading" : ""}`}>
              <${Knowledge} key=${selected} conversation=${selected} isOpen=${answersOpen}
                onClose=${() => setAnswersOpen(false)} />
              <${Facts} conversation=${selected} isOpen=${factsOpen} onClose=${() => setFactsOpen(false)} />
            </div>`
          : html`<main class="talk is-empty"><img src=${session.config.mark} alt="" width="56" height="56" />
            <p>${phrase(session.desk.rows.size ? "nothing_open" : "nothing_open.quiet")}</p>
            <p class="quiet"><kbd>Alt ↓</kbd> ${phrase("nothing_open.key")} <kbd>?</kbd></p></main>`
      }
    </div>
    <${Toasts} />
    <div class="visually-hidden" role="status">${session.announcement}</div>
    ${session.asking.shown && html`<${AskDialog} conversation=${session.asking.shown} />`}
    ${session.duty.cardShown && html`<${CardDialog} key=${session.duty.cardShown} slug=${session.duty.cardShown} />`}
    ${helpOpen &&
    html`<${Help} lettersOn=${lettersOn} onLetters=${switchLetters} onClose=${() => setHelpOpen(false)} />`}
  </div>`;
}

/** Opens the conversation above or below the present one, in the order of the screen. */
function step(session, by) {
  const { mine, watched, waiting, recent } = sections(session.desk);
  const order = [...mine, ...watched, ...waiting, ...recent].map((row) => row.conversation);
  if (!order.length) return;
  const at = order.indexOf(session.desk.selected);
  const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : Math.min(order.length - 1, Math.max(0, at + by));
  session.open(order[next]);
  requestAnimationFrame(() => document.querySelector(".row.is-chosen")?.scrollIntoView({ block: "nearest" }));
}

/** Opens the article of the answer in the draft, else of the first suggestion; or goes back from one. */
function toggleArticle({ consulting, desk, draft }) {
  const conversation = desk.selected;
  if (!conversation) return;
  if (consulting.reading) return consulting.back();
  const inserted = draft(conversation).inserted.at(-1)?.article;
  const article = inserted ?? consulting.offered(conversation, 1)?.suggestion.article;
  if (article) consulting.read(conversation, article);
}

function stepFocus(by) {
  const rows = [...document.querySelectorAll(".row")];
  const at = rows.indexOf(document.activeElement);
  const chosen = rows.findIndex((row) => row.classList.contains("is-chosen"));
  const from = at >= 0 ? at + by : chosen >= 0 ? chosen + by : by > 0 ? 0 : rows.length - 1;
  rows[Math.min(rows.length - 1, Math.max(0, from))]?.focus();
}
