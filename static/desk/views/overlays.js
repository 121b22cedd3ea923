// What lies over the desk for a moment: toasts, the line's state, and the page of keys.

import { PURPOSES } from "../keys.js";
import { html, usePhrase, useSession } from "./base.js";
import { Icon, IconButton } from "./icons.js";
import { showModal } from "./images.js";

export function Toasts() {
  const session = useSession();
  const phrase = usePhrase();
  function act(id, action) {
    session.dismiss(id);
    action.run();
  }

  return html`<div class="toasts" role="status" aria-live="polite">
    ${session.toasts.map(
      ({ id, text, action }) => html`<div class="toast" key=${id}>
        <span>${text}</span>
        ${action && html`<button type="button" class="link" onClick=${() => act(id, action)}>${action.label}</button>`}
        <${IconButton} icon="close" label=${phrase("dismiss")} onClick=${() => session.dismiss(id)} />
      </div>`,
    )}
  </div>`;
}

/** Says so when the line is not what it should be. Words that were sent meanwhile wait in the outbox. */
export function LineBanner() {
  const session = useSession();
  const phrase = usePhrase();
  const { state } = session.line;
  const isFirst = state === "connecting" && !session.desk.welcomed;
  if (state === "online" || isFirst) return null;
  return html`<div class=${`banner is-${state}`} role="status">
    <span class="pulse" aria-hidden="true"></span>${phrase(`line_state.${state}`)}
    ${
      (state === "offline" || state === "connecting") &&
      html`<button type="button" class="link" onClick=${session.reconnect}>${phrase("reconnect")}</button>`
    }
    ${
      state === "refused" &&
      html`<button type="button" class="link" onClick=${() => location.reload()}>${phrase("reload")}</button>`
    }
  </div>`;
}

export function Help({ lettersOn, onLetters, onClose }) {
  const phrase = usePhrase();
  const keys = [
    [["Alt ↓", "Alt ↑"], phrase("help.open")],
    [["J", "K"], phrase("help.focus")],
    [["R"], phrase("help.reply")],
    [["N"], phrase("help.note")],
    [["T"], phrase("help.take")],
    [["Enter"], phrase("help.send")],
    [["Shift Enter"], phrase("help.break")],
    [["↑"], phrase("help.edit")],
    [["S"], phrase("help.ask")],
    [["I"], phrase("help.facts")],
    [["B"], phrase("help.pause")],
    [["F"], phrase("help.follow_ups")],
    [["?"], phrase("help.help")],
  ];
  const answers = [
    [["Alt 1", "Alt 2", "Alt 3"], phrase("help.insert")],
    [["/", "Alt K"], phrase("help.search")],
    [["O"], phrase("help.article")],
    [["G"], phrase("help.gap")],
  ];
  const ending = [[["E"], phrase("help.ending")]];
  const closing = PURPOSES.map((purpose, index) => [
    [`Alt Shift ${index + 1}`],
    phrase("help.close", { purpose: phrase(`purpose.${purpose}`) }),
  ]);
  const clicked = (event) => event.target === event.currentTarget && event.currentTarget.close();
  return html`<dialog class="help" ref=${showModal} onClose=${onClose} onClick=${clicked}>
    <div class="help-inner">
      <header><h2>${phrase("help.title")}</h2>
        <form method="dialog">
          <button class="icon-button" aria-label=${phrase("dismiss")}><${Icon} name="close" /></button>
        </form></header>
      <div class="help-columns"><${Keys} keys=${keys} /><${Keys} keys=${[...answers, ...ending, ...closing]} /></div>
      <label class="check">
        <input type="checkbox" checked=${lettersOn} onChange=${(event) => onLetters(event.currentTarget.checked)} />
        <span>${phrase("help.letters")}<small class="quiet">${phrase("help.letters_more")}</small></span>
      </label>
    </div>
  </dialog>`;
}

function Keys({ keys }) {
  return html`<ul class="keys">${keys.map(
    ([names, what]) => html`<li key=${what}>
      <span>${what}</span>
      <span class="keys-names">${names.map((name) => html`<kbd key=${name}>${name}</kbd>`)}</span>
    </li>`,
  )}</ul>`;
}
