import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { say } from "../page.js";
import { CrossIcon } from "./icons.js";

/** One image, as large as the panel. The browser's own dialog keeps the focus in and Escape working. */
export function Lightbox({ image, onClose }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  const close = () => dialog.current.close();
  return html`
    <dialog class="lightbox" ref=${dialog} aria-label=${image.name} onClose=${onClose} onClick=${close}>
      <img src=${image.address} alt=${image.name} />
      <button class="lightbox-close" type="button" aria-label=${say("image.close")} onClick=${close}><${CrossIcon} /></button>
    </dialog>
  `;
}
