// "Why did I get this?": the reasons that were kept with the offer, in words.

import { useState } from "preact/hooks";
import { rowOf } from "../state.js";
import { reasonsOf } from "../why.js";
import { html, languageName, usePhrase, useSession } from "./base.js";
import { Icon } from "./icons.js";
import { showModal } from "./images.js";

/** The question as a button, and its answer. @param {{offer: object}} properties an offer.made */
export function Why({ offer }) {
  const session = useSession();
  const phrase = usePhrase();
  const [isOpen, setOpen] = useState(false);
  const isMe = offer.operator.id === session.desk.operator.id;
  const question = isMe ? phrase("why.me") : phrase("why.other", { name: offer.operator.name });
  return html`<button type="button" class="link why-button" onClick=${() => setOpen(true)}>${question}</button>
    ${isOpen && html`<${Answer} offer=${offer} question=${question} onClose=${() => setOpen(false)} />`}`;
}

function Answer({ offer, question, onClose }) {
  const session = useSession();
  const phrase = usePhrase();
  const { conversation } = offer;
  const code = rowOf(session.desk, conversation)?.language ?? session.desk.details.get(conversation)?.language;
  const { reasons, decidedBy } = reasonsOf(offer, code ? languageName(session, code) : "");
  const clicked = (event) => event.target === event.currentTarget && event.currentTarget.close();
  return html`<dialog class="help why" ref=${showModal} onClose=${onClose} onClick=${clicked} aria-label=${question}>
    <div class="help-inner">
      <header><h2>${question}</h2>
        <form method="dialog">
          <button class="icon-button" aria-label=${phrase("dismiss")}><${Icon} name="close" /></button>
        </form></header>
      ${decidedBy && html`<p class="why-decided">${phrase(`why.decided.${decidedBy}`)}</p>`}
      <ul class="why-reasons">${reasons.map(
        ({ key, values, decided }) => html`<li key=${key} class=${decided ? "is-decisive" : ""}>
          ${phrase(key, values)}</li>`,
      )}</ul>
    </div>
  </dialog>`;
}
