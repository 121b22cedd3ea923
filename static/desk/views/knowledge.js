// The answers beside the thread: suggestions for the visitor's turn, the search, and what holds for now.

import { useEffect, useRef } from "preact/hooks";
import { isOwn } from "../state.js";
import { marked, sureness, turnOf, withPlaceholders } from "../knowledge.js";
import { Article } from "./article.js";
import { focusComposer } from "./composer.js";
import { html, usePhrase, useSession } from "./base.js";
import { Icon, IconButton } from "./icons.js";
import { insertReply } from "./inserting.js";
import { Standing, marks } from "./standing.js";

const SEARCH_ID = "answers-search";

export function Knowledge({ conversation, isOpen, onClose }) {
  const session = useSession();
  const phrase = usePhrase();
  const { consulting, desk } = session;
  const shown = consulting.now(conversation);
  const organisation = desk.organisations.get(desk.places.get(conversation));
  useEffect(() => () => consulting.left(), [conversation]);

  function pressed(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (consulting.reading) goBack(session);
    else leave(session, conversation);
  }

  return html`<aside class=${`answers ${isOpen ? "is-open" : ""}`} aria-label=${phrase("answers")} onKeyDown=${pressed}>
    <header class="answers-head">
      <h2>${phrase("answers")}</h2>
      <span class="answers-of quiet">${organisation?.name}</span>
      <div class="facts-close"><${IconButton} icon="close" label=${phrase("dismiss")} onClick=${onClose} /></div>
    </header>
    ${consulting.isConsultable(conversation) && html`<${Search} conversation=${conversation} />`}
    <${Notices} notices=${shown?.notices ?? []} />
    <div class="answers-body">
      ${
        consulting.reading
          ? html`<${Article} key=${consulting.reading} conversation=${conversation} onBack=${() => goBack(session)} />`
          : consulting.search !== null
            ? html`<${Found} conversation=${conversation} />`
            : html`<${Suggestions} conversation=${conversation} shown=${shown} />`
      }
    </div>
    ${!consulting.reading && shown && html`<${Gap} conversation=${conversation} />`}
  </aside>`;
}

/** From an article to where it was opened. */
function goBack(session) {
  const left = session.consulting.reading;
  session.consulting.back();
  requestAnimationFrame(() => {
    if (session.consulting.reading) return; // the article before it takes the focus
    const title = document.querySelector(`.answers [data-article="${left}"] .answer-title`);
    if (session.consulting.search !== null) focusSearch(session);
    else if (title) title.focus();
    else focusComposer(session, session.draft(session.desk.selected).mode);
  });
}

function leave(session, conversation) {
  session.consulting.find(conversation, null);
  focusComposer(session, session.draft(conversation).mode);
}

/** Puts the cursor into the search field; with nothing in it, what is used most is shown. */
export function focusSearch(session) {
  const conversation = session.desk.selected;
  const field = document.getElementById(SEARCH_ID);
  if (!field || !session.consulting.isConsultable(conversation)) return;
  while (session.consulting.reading) session.consulting.back();
  field.focus();
  field.select();
  // A drawer that only now opens takes no focus before it is drawn.
  if (document.activeElement !== field) requestAnimationFrame(() => field.focus());
}

function Notices({ notices }) {
  const phrase = usePhrase();
  if (!notices.length) return null;
  return html`<ul class="answers-notices" aria-label=${phrase("answers.notices")}>
    ${notices.map((notice) => html`<li key=${notice}><${Icon} name="notice" /><span>${notice}</span></li>`)}
  </ul>`;
}

function Search({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const { consulting } = session;
  const found = consulting.search === null ? [] : (consulting.found(conversation) ?? []);
  const chosen = Math.min(consulting.chosen, found.length - 1);

  function pressed(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      if (consulting.search === null) consulting.find(conversation, "");
      else consulting.choose(Math.min(found.length - 1, Math.max(0, chosen + by)));
    } else if (event.key === "Enter" && found[chosen]) {
      event.preventDefault();
      if (event.shiftKey) consulting.read(conversation, found[chosen].article);
      else insertReply(session, conversation, found[chosen], null);
    }
  }

  return html`<div class="answers-search">
    <${Icon} name="search" />
    <input id=${SEARCH_ID} type="search" role="combobox" autocomplete="off" spellcheck="false" maxlength="300"
      placeholder=${phrase("answers.search")} aria-label=${phrase("answers.search")} value=${consulting.search ?? ""}
      aria-expanded=${found.length > 0} aria-controls="answers-found" aria-autocomplete="list"
      aria-activedescendant=${found[chosen] ? `found-${found[chosen].article}` : undefined}
      aria-keyshortcuts="Alt+K" onFocus=${() => consulting.search ?? consulting.find(conversation, "")}
      onInput=${(event) => consulting.find(conversation, event.currentTarget.value)} onKeyDown=${pressed} />
    <kbd aria-hidden="true">Alt K</kbd>
  </div>`;
}

/** What was found: the arrows move, Enter inserts, Shift and Enter open. */
function Found({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const { consulting } = session;
  const list = useRef(null);
  const found = consulting.found(conversation);
  const chosen = Math.min(consulting.chosen, (found?.length ?? 0) - 1);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }), [chosen]);
  if (!found) return html`<p class="answers-empty" role="status">${phrase("loading")}</p>`;
  const { length } = found;
  const title = consulting.search.trim() ? phrase("answers.found", { count: length }) : phrase("answers.most_used");
  return html`<h3 role="status">${length ? title : phrase("answers.found_none")}</h3>
    ${length === 0 && html`<p class="answers-empty">${phrase("answers.found_none.more")}</p>`}
    <ul id="answers-found" role="listbox" aria-label=${phrase("answers.found_list")} ref=${list}>
      ${found.map(
        (article, index) => html`<li key=${article.article} id=${`found-${article.article}`} role="option"
          data-article=${article.article} class="answer is-found" aria-selected=${index === chosen}
          onClick=${(event) =>
            event.shiftKey
              ? consulting.read(conversation, article.article)
              : insertReply(session, conversation, article, null)}>
          <strong class="answer-title">${marks(marked(article.title, article.because.words))}</strong>
          <${Standing} article=${article} />
          <span class="answer-reply">${article.reply || phrase("answers.no_reply")}</span>
        </li>`,
      )}
    </ul>
    ${
      length > 0 &&
      html`<p class="answers-keys quiet"><kbd>Enter</kbd> ${phrase("answers.inserts")} <kbd>Shift Enter</kbd>
      ${" "}${phrase("answers.opens")} <kbd>Esc</kbd> ${phrase("answers.leaves")}</p>`
    }`;
}

function Suggestions({ conversation, shown }) {
  const session = useSession();
  const phrase = usePhrase();
  const { consulting, desk } = session;
  const turn = turnOf(desk.threads.get(conversation));
  if (!consulting.isConsultable(conversation)) return html`<p class="answers-empty">${phrase("answers.elsewhere")}</p>`;
  if (consulting.isLate(conversation)) {
    return html`<div class="answers-empty" role="status"><strong>${phrase("answers.late")}</strong>
      <p>${phrase("answers.late.more")}</p>
      <button type="button" class="button" onClick=${() => consulting.tryAgain()}>${phrase("retry")}</button></div>`;
  }
  if (turn === null) return html`<p class="answers-empty">${phrase("answers.before")}</p>`;
  if (!shown) return html`<p class="answers-empty" role="status">${phrase("loading")}</p>`;
  const { suggestions } = shown;
  return html`<div class="visually-hidden" role="status">
      ${phrase(suggestions.length ? "answers.count" : "answers.none", { count: suggestions.length })}</div>
    ${consulting.isForTyped(conversation) && html`<h3>${phrase("answers.typed")}</h3>`}
    ${
      suggestions.length === 0 &&
      html`<div class="answers-empty"><strong>${phrase("answers.none")}</strong>
        <p>${phrase("answers.none.more")}</p></div>`
    }
    <ol class="answers-list">${suggestions.map(
      (suggestion, index) => html`<${Answer} key=${suggestion.article} conversation=${conversation}
        suggestion=${suggestion} rank=${index + 1} />`,
    )}</ol>`;
}

function Answer({ conversation, suggestion, rank }) {
  const session = useSession();
  const phrase = usePhrase();
  const { article, title, reply, missing, confidence } = suggestion;
  const canInsert = isOwn(session.desk, conversation) && reply !== "";
  return html`<li class=${`answer is-${sureness(confidence)}`} data-article=${article}>
    <div class="answer-head">
      <button type="button" class="answer-title" title=${phrase("answers.open")}
        onClick=${() => session.consulting.read(conversation, article)}>
        ${marks(marked(title, suggestion.because.words))}</button>
      ${
        canInsert &&
        html`<button type="button" class="answer-insert" aria-keyshortcuts=${`Alt+${rank}`}
          aria-label=${phrase("answers.insert_named", { title })}
          onClick=${() => insertReply(session, conversation, suggestion, rank)}>
          ${phrase("answers.insert")} <kbd>Alt ${rank}</kbd></button>`
      }
    </div>
    <${Standing} article=${suggestion}><span class="answer-sure">${phrase(`sure.${sureness(confidence)}`)}</span><//>
    <p class="answer-reply">${reply ? marks(withPlaceholders(reply, missing), "is-open") : phrase("answers.no_reply")}</p>
    <${Because} because=${suggestion.because} />
  </li>`;
}

/** Why it was found: a question that is like this one, or the words that were met. */
function Because({ because: { field, words, question } }) {
  const phrase = usePhrase();
  if (question) {
    return html`<p class="answer-because quiet">${phrase("because.question")} <q>${marks(marked(question, words))}</q></p>`;
  }
  if (!words.length) return null;
  const list = words.map((word, index) => html`${index > 0 && ", "}<mark>${word}</mark>`);
  return html`<p class="answer-because quiet">${phrase(field === "title" ? "because.title" : "because.text")} ${list}</p>`;
}

/** "An article is missing": the organisation hears which question it was. */
function Gap({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const { consulting } = session;
  if (!isOwn(session.desk, conversation)) return null;
  const isFlagged = consulting.isFlagged(conversation, consulting.turn(conversation));
  return html`<button type="button" class="gap-flag" aria-keyshortcuts="Alt+G" disabled=${isFlagged}
    title=${phrase("gap.explained")} onClick=${() => consulting.flag(conversation)}>
    <${Icon} name=${isFlagged ? "done" : "flag"} />${phrase(isFlagged ? "gap.flagged" : "gap.flag")}
    ${!isFlagged && html` <kbd>Alt G</kbd>`}</button>`;
}

/** Above the composer where the panel has no room: the titles, each with its key. */
export function AnswerStrip({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const suggestions = session.consulting.now(conversation)?.suggestions ?? [];
  if (!suggestions.length || !isOwn(session.desk, conversation)) return null;
  return html`<div class="answer-strip" role="group" aria-label=${phrase("answers")}>
    ${suggestions.map(
      (suggestion, index) => html`<button type="button" key=${suggestion.article} class=${`is-${sureness(suggestion.confidence)}`}
        aria-keyshortcuts=${`Alt+${index + 1}`} title=${suggestion.reply}
        onClick=${() => insertReply(session, conversation, suggestion, index + 1)}>
        <kbd>Alt ${index + 1}</kbd><span>${suggestion.title}</span></button>`,
    )}
  </div>`;
}
