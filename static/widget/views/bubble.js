import { useEffect, useState } from "preact/hooks";

import { textNodes } from "../../shared/text.js";
import { html } from "../html.js";
import { clock, config, say } from "../page.js";
import { Avatar } from "./avatar.js";
import { HelpQuestion } from "./help.js";
import { AlertIcon, CheckIcon, ClockIcon, DoubleCheckIcon } from "./icons.js";

// CSS pixels: the largest an image gets in the thread.
const IMAGE_WIDTH = 232;
const IMAGE_HEIGHT = 280;

const TAGS = { automatic: "message.automatic", specialist: "message.specialist" };
const DELIVERY_ICONS = { sending: ClockIcon, sent: CheckIcon, read: DoubleCheckIcon };

/** One message. `row` as in rows.js; `images` as in uploads.js. */
export function Bubble({ row, session, images, onImage, onRetry, onDiscard }) {
  const { entry } = row;
  const kind = entry.sender.kind;
  const mine = kind === "visitor";
  const name = entry.sender.name || config.organisation.name;
  const classes = ["message", `message-${kind}`, mine ? "mine" : "theirs", row.first && "first", row.last && "last"];
  return html`
    <div class=${classes.filter(Boolean).join(" ")}>
      ${!mine && html`<div class="message-side">${row.last && html`<${Avatar} name=${name} />`}</div>`}
      <div class="message-body">
        ${!mine && row.first &&
        html`<p class="message-name">
          <span dir="auto">${name}</span>${kind in TAGS && html`<span class="tag">${say(TAGS[kind])}</span>`}
        </p>`}
        ${mine && html`<span class="hidden">${say("message.you")}</span>`}
        ${entry.deleted
          ? html`<p class="bubble bubble-deleted">${say("message.deleted")}</p>`
          : html`
              ${entry.attachments.map(
                (image) => html`<${Picture} key=${image.id} image=${image} images=${images} onOpen=${onImage} />`,
              )}
              ${entry.body && html`<p class="bubble" dir="auto">${textNodes(entry.body)}</p>`}
            `}
        ${entry.article &&
        html`<div class="message-help">
          <p class="message-help-note">${say("help.automatic")}</p>
          <${HelpQuestion} session=${session} article=${entry.article} />
        </div>`}
        <${Under} row=${row} onRetry=${onRetry} onDiscard=${onDiscard} />
      </div>
    </div>
  `;
}

function Under({ row, onRetry, onDiscard }) {
  const { entry, delivery, last } = row;
  if (delivery === "failed") {
    return html`
      <p class="under under-failed">
        <${AlertIcon} /><span>${entry.refusal || say("message.failed")}</span>
        <button class="link" type="button" onClick=${() => onRetry(entry.cid)}>${say("message.retry")}</button>
        <button class="link" type="button" onClick=${() => onDiscard(entry.cid)}>${say("message.discard")}</button>
      </p>
    `;
  }
  if (!last && !delivery) return null;
  const Icon = DELIVERY_ICONS[delivery];
  return html`
    <p class="under">
      <time datetime=${entry.at} title=${clock.full(entry.at)}>${clock.time(entry.at)}</time>
      ${entry.edited && html`<span>${say("message.edited")}</span>`}
      ${delivery && html`<span class="delivery delivery-${delivery}"><${Icon} />${say(`message.${delivery}`)}</span>`}
    </p>
  `;
}

/** An image of a message: its room is kept while it loads, so that nothing jumps. */
function Picture({ image, images, onOpen }) {
  const [address, setAddress] = useState(null);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let gone = false;
    setFailed(false);
    images.get(image.id).then(
      (found) => gone || setAddress(found),
      () => gone || setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [image.id, tries]);
  const scale = Math.min(1, IMAGE_WIDTH / image.width, IMAGE_HEIGHT / image.height);
  const size = { width: `${Math.max(48, image.width * scale)}px`, aspectRatio: `${image.width} / ${image.height}` };
  if (failed) {
    return html`<button class="picture picture-failed" type="button" style=${size} onClick=${() => setTries(tries + 1)}>
      ${say("image.failed")}
    </button>`;
  }
  const label = say("image.open", { name: image.name });
  return html`
    <button class="picture" type="button" style=${size} aria-label=${label} disabled=${!address}
      onClick=${() => onOpen({ address, name: image.name })}>
      ${address && html`<img src=${address} alt=${image.name} />`}
    </button>
  `;
}
