// One article beside the thread: its text, where it comes from, what belongs to it, and a word to its owner.

import { useEffect, useRef, useState } from "preact/hooks";
import { markdownNodes } from "../../shared/markdown.js";
import { documentPath } from "../attachments.js";
import { withPlaceholders } from "../knowledge.js";
import { isOwn } from "../state.js";
import { html, usePhrase, useSession } from "./base.js";
import { Icon, IconButton } from "./icons.js";
import { Lightbox, useImageAt } from "./images.js";
import { insertReply } from "./inserting.js";
import { Standing, marks } from "./standing.js";

const KINDS = ["wrong", "outdated", "incomplete"];
const NOTE_CHARACTERS = 1000;

export function Article({ conversation, onBack }) {
  const session = useSession();
  const phrase = usePhrase();
  const heading = useRef(null);
  const { consulting, desk } = session;
  const found = desk.articles.get(consulting.reading);
  useEffect(() => heading.current?.focus(), [Boolean(found)]);
  return html`<article class="article">
    <div class="article-bar">
      <${IconButton} icon="back" label=${phrase("article.back")} onClick=${onBack} />
      <span class="quiet"><kbd>Esc</kbd> ${phrase("article.back")}</span>
      ${
        found?.reply &&
        isOwn(desk, conversation) &&
        html`<button type="button" class="button button-main" aria-keyshortcuts="Alt+1"
          onClick=${() => insertReply(session, conversation, found, consulting.rankOf(conversation, found.article))}>
          ${phrase("answers.insert")} <kbd>Alt 1</kbd></button>`
      }
    </div>
    ${
      found
        ? html`<${Text} article=${found} conversation=${conversation} heading=${heading} />`
        : html`<p class="answers-empty" role="status">${phrase("loading")}</p>`
    }
  </article>`;
}

function Text({ article, conversation, heading }) {
  const phrase = usePhrase();
  const session = useSession();
  const organisation = session.desk.places.get(conversation);
  return html`<h3 class="article-title" tabIndex="-1" ref=${heading}>${article.title}</h3>
    <${Standing} article=${article} />
    ${
      article.reply &&
      html`<section class="article-reply" aria-label=${phrase("article.reply")}>
      ${marks(withPlaceholders(article.reply, article.missing), "is-open")}</section>`
    }
    ${
      article.points.length > 0 &&
      html`<section><h4>${phrase("points")}</h4>
      <ul class="article-points">${article.points.map((point) => html`<li key=${point}>${point}</li>`)}</ul></section>`
    }
    ${article.long_text && html`<section class="article-text">${markdownNodes(article.long_text)}</section>`}
    ${
      article.files.length > 0 &&
      html`<section><h4>${phrase("article.files")}</h4><ul class="article-files">${article.files.map(
        (file) => html`<${Document} key=${file.id} file=${file} path=${documentPath(organisation, file.id)} />`,
      )}</ul></section>`
    }
    ${
      article.related.length > 0 &&
      html`<section><h4>${phrase("article.related")}</h4><ul class="article-related">${article.related.map(
        (other) => html`<li key=${other.article}><button type="button" class="link"
          onClick=${() => session.consulting.read(conversation, other.article)}>${other.title}</button></li>`,
      )}</ul></section>`
    }
    <${Origin} article=${article} />
    <${Report} key=${article.article} article=${article.article} conversation=${conversation} />`;
}

/** To be saved; an image can be looked at as well. */
function Document({ file, path }) {
  return html`<li>${file.content_type.startsWith("image/") && html`<${Picture} name=${file.name} path=${path} />`}
    <span><a href=${path} download=${file.name}><${Icon} name="clip" />${file.name}</a>
    <span class="quiet"> ${sizeOf(file.size)}</span></span></li>`;
}

function Picture({ name, path }) {
  const phrase = usePhrase();
  const address = useImageAt(path);
  const [isOpen, setOpen] = useState(false);
  if (address === false) return html`<span class="image is-missing">${phrase("image_missing")}</span>`;
  return html`<button type="button" class="image" disabled=${!address} onClick=${() => setOpen(true)}
      aria-label=${phrase("open_image", { name })}>${address && html`<img src=${address} alt="" />`}</button>
    ${isOpen && html`<${Lightbox} address=${address} name=${name} onClose=${() => setOpen(false)} />`}`;
}

function Origin({ article }) {
  const phrase = usePhrase();
  const { config } = useSession();
  // A day of the organisation's calendar is that day everywhere.
  const dates = new Intl.DateTimeFormat(config.locale, { dateStyle: "long", timeZone: "UTC" });
  const day = (date) => date && dates.format(new Date(`${date}T00:00:00Z`));
  const facts = [
    ["article.topic", article.topic],
    ["article.source", article.source],
    ["article.owner", article.owner],
    ["article.valid_until", day(article.valid_until)],
    ["article.review_on", day(article.review_on)],
    ["article.version", String(article.version)],
  ];
  return html`<dl class="article-origin">${facts.map(
    ([key, value]) => value && html`<div key=${key}><dt>${phrase(key)}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** "Wrong", "outdated", "incomplete": to the article's owner, with a note. */
function Report({ article, conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const [kind, setKind] = useState(null);
  const [note, setNote] = useState("");
  const field = useRef(null);
  useEffect(() => field.current?.focus(), [kind]);

  function submit(event) {
    event.preventDefault();
    if (!kind) return;
    session.consulting.report(conversation, article, kind, note.trim());
    setKind(null);
    setNote("");
  }
  const quick = (event) =>
    event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.currentTarget.form.requestSubmit();

  return html`<form class="report" onSubmit=${submit}>
    <fieldset><legend>${phrase("report")}</legend>
      <div class="report-kinds">${KINDS.map(
        (one) => html`<button type="button" key=${one} class="button" aria-pressed=${kind === one}
          onClick=${() => setKind(kind === one ? null : one)}>${phrase(`report.${one}`)}</button>`,
      )}</div>
    </fieldset>
    ${
      kind &&
      html`<label class="report-note">${phrase("report.note")}
        <textarea rows="3" ref=${field} maxlength=${NOTE_CHARACTERS} value=${note} placeholder=${phrase("report.note_hint")}
          onInput=${(event) => setNote(event.currentTarget.value)} onKeyDown=${quick}></textarea></label>
      <button type="submit" class="button button-main">${phrase("report.send")}</button>`
    }
  </form>`;
}

function sizeOf(bytes) {
  const [amount, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 ** 2, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(amount);
}
