import { useEffect, useRef, useState } from "preact/hooks";

import { textNodes } from "../../shared/text.js";
import { html } from "../html.js";
import { clock, say, when } from "../page.js";

// Facts that are one quiet line; the others are the desk's and the visitor's own affair.
const LINES = {
  "conversation.assigned": (fact) => fact.operator && say("line.assigned", { name: fact.operator.name }),
  "topic.chosen": (fact) => say("line.topic", { topic: fact.label }),
  "specialist.asked": (fact) => say("line.asked", { name: fact.specialist }),
  "specialist.accepted": (fact) =>
    fact.by ? say("line.accepted.by", { name: fact.specialist, when: when(fact.by) }) : say("line.accepted", { name: fact.specialist }),
};

/** The conversation, as the visitor sees it. */
export function Thread({ session }) {
  const end = useRef(null);
  const [announcing, setAnnouncing] = useState(false);
  const { thread, question } = session.state;
  const entries = [...thread.entries, ...session.pending];
  const last = entries.at(-1);

  useEffect(() => {
    const timer = setTimeout(() => setAnnouncing(true), 1_000);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (announcing || last?.delivery) end.current.scrollIntoView({ block: "end" });
  }, [last?.cid ?? last?.id]);

  return html`
    <section class="thread" aria-label=${say("thread.label")}>
      <div role="log" aria-live=${announcing ? "polite" : "off"}>
        ${entries.map((entry, index) => {
          const day = index === 0 || clock.dayKey(entries[index - 1].at) !== clock.dayKey(entry.at);
          return [
            day && html`<p class="day" key=${`day-${entry.id}`}>${clock.dayHeading(entry.at)}</p>`,
            html`<${Entry} key=${entry.cid ?? entry.id} entry=${entry} question=${question} session=${session} />`,
          ];
        })}
      </div>
      <div class="thread-end" ref=${end}></div>
    </section>
  `;
}

function Entry({ entry, question, session }) {
  if (entry.type === "message.sent") return html`<${Message} entry=${entry} question=${question} session=${session} />`;
  // What the reader did themselves, they know.
  const words = entry.specialist === question.specialist ? null : LINES[entry.type]?.(entry);
  return words ? html`<p class="line" dir="auto">${words}</p>` : null;
}

function Message({ entry, question, session }) {
  const { kind } = entry.sender;
  const mine = kind === "specialist" && entry.sender.name === question.specialist;
  const name = mine ? say("message.you") : kind === "visitor" ? entry.sender.name || question.visitor || say("message.visitor") : entry.sender.name;
  return html`
    <article class="message message-${kind} ${mine ? "mine" : ""}">
      <p class="message-head">
        <strong dir="auto">${name}</strong>
        ${kind === "automatic" && html`<span class="tag">${say("message.automatic")}</span>`}
        <time datetime=${entry.at} title=${clock.full(entry.at)}>${clock.time(entry.at)}</time>
      </p>
      <div class="bubble" dir="auto">
        ${entry.deleted ? html`<em>${say("message.deleted")}</em>` : textNodes(entry.body)}
        ${entry.attachments.map((image) => html`<span class="image" key=${image.id}>${say("message.image", { name: image.name })}</span>`)}
      </div>
      <${Delivery} entry=${entry} session=${session} />
    </article>
  `;
}

function Delivery({ entry, session }) {
  if (entry.delivery === "failed") {
    return html`
      <p class="under problem" role="alert">
        ${entry.refusal || say("message.failed")}
        <button class="link" type="button" onClick=${() => session.retry(entry.cid)}>${say("message.retry")}</button>
        <button class="link" type="button" onClick=${() => session.discard(entry.cid)}>${say("message.discard")}</button>
      </p>
    `;
  }
  return entry.delivery ? html`<p class="under">${say("message.sending")}</p>` : null;
}
