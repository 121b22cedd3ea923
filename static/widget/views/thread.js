import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { buildRows } from "../rows.js";
import { clock, config, say, when } from "../page.js";
import { html } from "../html.js";
import { isFromStaff } from "../../shared/thread.js";
import { correctableTopic, typingName } from "../state.js";
import { Avatar } from "./avatar.js";
import { Bubble } from "./bubble.js";
import { DownIcon } from "./icons.js";
import { RatingCard } from "./rating.js";
import { TopicChips } from "./topics.js";

// CSS pixels from the end within which the view follows what comes in.
const NEAR_END = 96;

/** The greeting that stands here before there is a conversation; afterwards the server's own copy does. */
function greetingRow() {
  const sender = { kind: "automatic", id: null, name: config.organisation.name };
  const entry = { sender, body: config.organisation.greeting, attachments: [], at: new Date(clock.now()).toISOString() };
  return { kind: "bubble", key: "greeting", entry, first: true, last: false };
}

export function Thread({ session, images, onImage, footer }) {
  const { state } = session;
  const scroller = useRef(null);
  const [atEnd, setAtEnd] = useState(true);
  const [announcing, setAnnouncing] = useState(false);
  // The recognised topic that the visitor wants to change, by its entry's id.
  const [correcting, setCorrecting] = useState(null);

  // Also while a conversation has just been made and its first facts are on their way.
  const fresh = state.thread.entries.length === 0 || state.fresh;
  const past = state.fresh ? [...state.past, state.thread] : state.past;
  const rows = fresh
    ? buildRows({ ...state.thread, entries: [] }, session.pending, clock.dayKey)
    : buildRows(state.thread, session.pending, clock.dayKey);
  const typing = typingName(state, clock.now());
  const topicPending = session.unanswered("topic.choose") !== null;
  const correctable = fresh || topicPending ? null : correctableTopic(state.thread);
  const isCorrecting = correctable !== null && correctable.id === correcting;
  const begins = fresh && !session.loading && state.opening.open;
  const topics = topicsOf();
  const count = past.length + rows.length;
  const lastIsMine = rows.at(-1)?.entry?.sender.kind === "visitor";

  // A history that appears at once is not read aloud; what comes afterwards is.
  useEffect(() => {
    const timer = setTimeout(() => setAnnouncing(true), 1_000);
    return () => clearTimeout(timer);
  }, []);

  const toEnd = () => {
    scroller.current.scrollTop = scroller.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (atEnd || lastIsMine) toEnd();
  }, [count, typing, rows.at(-1)?.key, Boolean(footer)]);
  useEffect(() => {
    // Whatever changes the room that there is (keyboard, composer, images) keeps the end in view; but what is found
    // for a question that is being written never pushes it out of sight.
    const isFollowing = () => scroller.current?.dataset.atEnd === "yes" && !scroller.current.querySelector(".contact:focus-within");
    const observer = new ResizeObserver(() => isFollowing() && toEnd());
    observer.observe(scroller.current);
    for (const child of scroller.current.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (atEnd && document.visibilityState === "visible") session.markRead();
  });

  function topicsOf() {
    if (fresh) return begins && session.pending.length === 0 ? config.topics : [];
    if (isCorrecting) return config.topics;
    // Automation asks no more once a person has spoken.
    const personSpoke = state.thread.entries.some((entry) => isFromStaff(entry.sender));
    return state.thread.state === "closed" || topicPending || personSpoke ? [] : state.thread.topics;
  }
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = scroller.current;
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_END);
  };
  const draw = (row) => drawRow(row, { session, images, onImage });
  const onCorrect = correctable && !isCorrecting && config.topics.length > 1 ? () => setCorrecting(correctable.id) : null;
  const drawPresent = (row) => drawRow(row, { session, images, onImage, onCorrect: row.entry === correctable ? onCorrect : null });
  const chosen = isCorrecting ? correctable.topic : fresh ? session.topic : null;

  return html`
    <div class="thread-frame">
      <div class="thread" ref=${scroller} data-at-end=${atEnd ? "yes" : "no"} onScroll=${onScroll} tabindex="0" role="region"
        aria-label=${say("thread.label")}>
        <div class="thread-rows" role="log" aria-live=${announcing ? "polite" : "off"} aria-relevant="additions">
          ${past.map((thread) => [
            ...buildRows(thread, [], clock.dayKey).filter((row) => row.kind !== "rating").map(draw),
            html`<p class="line" key=${`end-${thread.conversation}`}><span>${say("thread.earlier")}</span></p>`,
          ])}
          ${session.loading && html`<${Ghosts} />`}
          ${begins && config.organisation.greeting && draw(greetingRow())}
          ${rows.map(drawPresent)}
          ${topics.length > 0 &&
          html`<${TopicChips} topics=${topics} chosen=${chosen} focus=${isCorrecting} onChoose=${session.chooseTopic} />`}
          ${typing && html`<${Typing} name=${typing} />`}
        </div>
        ${footer}
      </div>
      ${!atEnd &&
      html`<button class="to-end" type="button" aria-label=${say("thread.to_end")} title=${say("thread.to_end")} onClick=${toEnd}>
        <${DownIcon} />
      </button>`}
    </div>
  `;
}

function drawRow(row, { session, images, onImage, onCorrect }) {
  if (row.kind === "day") {
    return html`<p class="day" key=${row.key}><span>${clock.dayHeading(row.entry.at)}</span></p>`;
  }
  if (row.kind === "line") return html`<${Line} key=${row.key} row=${row} onCorrect=${onCorrect} />`;
  if (row.kind === "rating") return html`<${RatingCard} key="rating" asked=${session.state.thread.asked} given=${session.rated} on=${ratingOn(session)} />`;
  return html`<${Bubble} key=${row.key} row=${row} session=${session} images=${images} onImage=${onImage} onRetry=${session.retry}
    onDiscard=${session.discard} />`;
}

function ratingOn(session) {
  return {
    mark: session.giveMark,
    comment: session.giveComment,
    answer: session.answerQuestion,
    shown: session.noteRatingShown,
    failure: session.ratingFailure,
  };
}

function Line({ row, onCorrect }) {
  const words = say(row.text, { ...row.values, ...(row.moment && { when: when(row.moment) }) });
  return html`
    <p class="line ${row.isTold ? "line-told" : ""}">
      <span dir="auto">${words}</span>
      ${onCorrect && html` <button class="link" type="button" onClick=${onCorrect}>${say("topic.change")}</button>`}
    </p>
  `;
}

/** The shapes of a conversation that is being fetched. */
function Ghosts() {
  return html`<div class="ghosts" role="status" aria-label=${say("connection.connecting")}><i></i><i></i><i></i></div>`;
}

function Typing({ name }) {
  return html`
    <div class="message theirs first last typing" key="typing">
      <div class="message-side"><${Avatar} name=${name} /></div>
      <div class="message-body">
        <p class="bubble"><span class="hidden">${say("typing", { name })}</span><i></i><i></i><i></i></p>
      </div>
    </div>
  `;
}
