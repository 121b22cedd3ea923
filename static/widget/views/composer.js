import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { config, say } from "../page.js";
import { ACCEPT, imagesOf } from "../uploads.js";
import { CrossIcon, ImageIcon, SendIcon } from "./icons.js";

// CSS pixels.
const TALLEST = 148;
// Characters left at which the count appears.
const COUNT_FROM = 400;

/** Enter ends an IME composition too; that one must not send. Safari tells it by the key code only. */
function sends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(TALLEST, field.scrollHeight)}px`;
}

/** Where the visitor writes. `tray` holds the images that go along (tray.js). */
export function Composer({ session, tray, draft, onDraft, hint }) {
  const [body, setBody] = useState(draft);
  const field = useRef(null);
  const picker = useRef(null);
  const limit = config.limits.body_characters;
  const left = limit - body.length;
  const ready = (body.trim() !== "" || tray.items.length > 0) && left >= 0 && tray.settled;

  useLayoutEffect(() => fit(field.current), [body]);
  useEffect(() => {
    // The frame grows just after the panel appeared in it: lines break elsewhere then.
    const observer = new ResizeObserver(() => fit(field.current));
    observer.observe(field.current.parentElement);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) field.current.focus();
    return () => session.typing(false);
  }, []);

  const write = (text) => {
    setBody(text);
    onDraft(text);
  };
  const submit = (event) => {
    event?.preventDefault();
    if (!ready) return;
    session.say(body.trim(), tray.take());
    write("");
    session.typing(false);
    field.current.focus();
  };
  const onPaste = (event) => {
    const images = imagesOf(event.clipboardData);
    if (!images.length) return;
    event.preventDefault();
    tray.add(images);
  };
  const onInput = (event) => {
    write(event.currentTarget.value);
    session.typing(event.currentTarget.value !== "");
  };
  const onPick = (event) => {
    tray.add([...event.currentTarget.files]);
    event.currentTarget.value = "";
    field.current.focus();
  };

  return html`
    <form class="composer" onSubmit=${submit}>
      ${hint && html`<p class="composer-hint">${hint}</p>`}
      <div class="composer-box">
        <${Tray} tray=${tray} />
        <div class="composer-row">
          <input class="hidden" type="file" accept=${ACCEPT} multiple tabindex="-1" aria-hidden="true" ref=${picker} onChange=${onPick} />
          <button class="composer-attach" type="button" aria-label=${say("composer.attach")} title=${say("composer.attach")}
            disabled=${tray.items.length >= config.limits.attachments} onClick=${() => picker.current.click()}><${ImageIcon} /></button>
          <textarea class="composer-field" rows="1" ref=${field} value=${body} dir="auto" enterkeyhint="send"
            aria-label=${say("composer.label")} placeholder=${say("composer.placeholder")}
            onInput=${onInput} onPaste=${onPaste} onKeyDown=${(event) => sends(event) && submit(event)}></textarea>
          <button class="composer-send" type="submit" aria-label=${say("composer.send")} title=${say("composer.send")}
            disabled=${!ready}><${SendIcon} /></button>
        </div>
      </div>
      ${left < COUNT_FROM &&
      html`<p class="composer-count ${left < 0 ? "composer-over" : ""}" role="status">
        ${left < 0 ? say("composer.too_long_by", { count: -left }) : say("composer.left", { count: left })}
      </p>`}
    </form>
  `;
}

function Tray({ tray }) {
  if (!tray.items.length) return null;
  return html`
    <ul class="tray">
      ${tray.items.map(
        (item) => html`
          <li class="tray-item ${item.problem ? "tray-wrong" : ""}" key=${item.key}>
            <img src=${item.preview} alt=${item.name} />
            ${item.problem
              ? html`<p class="tray-problem" role="alert">${item.problem}</p>`
              : !item.attachment &&
                html`<progress class="tray-progress" max="1" value=${item.progress} aria-label=${say("upload.progress", { name: item.name })}></progress>`}
            <button class="tray-remove" type="button" aria-label=${say("upload.remove", { name: item.name })} onClick=${() => tray.remove(item.key)}>
              <${CrossIcon} />
            </button>
          </li>
        `,
      )}
    </ul>
  `;
}
