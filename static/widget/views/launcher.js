import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { say } from "../page.js";
import { SpeechIcon } from "./icons.js";

/** The round button. `focus`: the panel was just closed from the keyboard, so the focus comes back here. */
export function Launcher({ unread, focus, onOpen }) {
  const button = useRef(null);
  useEffect(() => {
    if (focus) button.current.focus();
  }, []);
  const label = unread ? say("launcher.unread", { count: unread }) : say("launcher.open");
  return html`
    <button class="launcher" type="button" aria-label=${label} aria-expanded="false" ref=${button} onClick=${onOpen}>
      <${SpeechIcon} />
      ${unread > 0 && html`<span class="badge" aria-hidden="true">${unread > 9 ? "9+" : unread}</span>`}
    </button>
  `;
}
