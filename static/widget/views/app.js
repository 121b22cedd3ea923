import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { clock, say } from "../page.js";
import { waitingHelp } from "../help.js";
import { footing, mayContinue } from "../state.js";
import { unreadCount } from "../../shared/thread.js";
import { imagesOf } from "../uploads.js";
import { Composer } from "./composer.js";
import { Contact, Kept } from "./contact.js";
import { Header } from "./header.js";
import { HelpWhileWaiting } from "./help.js";
import { Launcher } from "./launcher.js";
import { Lightbox } from "./lightbox.js";
import { Thread } from "./thread.js";

/** The whole frame: the round button, or the panel. */
export function App(props) {
  const { open, session, onOpen } = props;
  if (open) return html`<${Panel} ...${props} />`;
  return html`<${Launcher} unread=${unreadCount(session.state.thread, "visitor")} focus=${props.closedByPerson} onOpen=${onOpen} />`;
}

function Panel({ session, tray, images, memory, onClose }) {
  const [image, setImage] = useState(null);
  const [dropping, setDropping] = useState(false);
  const foot = footing(session.state, clock.now());
  const isKept = foot !== "form" && session.state.thread.kept && !session.state.fresh;
  const help = foot === "composer" && !isKept ? waitingHelp(session.state, clock.now()) : [];
  const footer = footerOf();

  function footerOf() {
    if (foot === "form") return html`<${Contact} session=${session} />`;
    if (isKept) return html`<${Kept} session=${session} />`;
    return help.length > 0 && html`<${HelpWhileWaiting} session=${session} articles=${help} />`;
  }

  useEffect(() => {
    if (!window.matchMedia("(pointer: fine)").matches || foot !== "composer") document.getElementById("title").focus();
  }, []);

  const onKeyDown = (event) => {
    if (event.key === "Escape" && !image && !event.isComposing) onClose();
  };
  const carriesFiles = (event) => foot === "composer" && [...event.dataTransfer.types].includes("Files");
  const onDragOver = (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setDropping(true);
  };
  const onDragLeave = (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setDropping(false);
  };
  const onDrop = (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setDropping(false);
    tray.add(imagesOf(event.dataTransfer));
  };

  return html`
    <main class="panel" role="dialog" aria-labelledby="title" onKeyDown=${onKeyDown} onDragOver=${onDragOver} onDragLeave=${onDragLeave}
      onDrop=${onDrop}>
      <${Header} session=${session} onClose=${onClose} />
      <${Thread} session=${session} images=${images} onImage=${setImage} footer=${footer} />
      ${foot === "composer" &&
      html`<${Composer} session=${session} tray=${tray} draft=${memory.get("draft")} onDraft=${(text) => memory.set("draft", text)}
        hint=${mayContinue(session.state.thread, clock.now()) && !session.state.fresh ? say("composer.continue") : ""} />`}
      ${foot === "restart" &&
      html`<div class="restart">
        <p class="card-soft">${say("restart.hint")}</p>
        <button class="wide-button" type="button" onClick=${session.beginFresh}>${say("restart.button")}</button>
      </div>`}
      ${dropping && html`<div class="drop" aria-hidden="true"><span>${say("upload.drop")}</span></div>`}
      ${image && html`<${Lightbox} image=${image} onClose=${() => setImage(null)} />`}
    </main>
  `;
}
