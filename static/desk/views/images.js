// Images in a message: as large as they need to be, larger on a click.

import { useEffect, useState } from "preact/hooks";
import { attachmentPath, imageAddress } from "../attachments.js";
import { IconButton } from "./icons.js";
import { html, usePhrase, useSession } from "./base.js";

const WIDTH_PX = 260;
const HEIGHT_PX = 220;

export function Images({ attachments, conversation }) {
  return html`<div class="images">
    ${attachments.map(
      (attachment) => html`<${Image} key=${attachment.id} attachment=${attachment} conversation=${conversation} />`,
    )}
  </div>`;
}

/** The blob address of an attachment: null while it loads, false when it is not to be had. */
export function useImage(attachment, conversation) {
  return useImageAt(attachmentPath(useSession().desk.places.get(conversation), attachment.id));
}

/** The same for any image of ours. */
export function useImageAt(path) {
  const [address, setAddress] = useState(null);
  useEffect(() => {
    let isShown = true;
    imageAddress(path).then(
      (found) => isShown && setAddress(found),
      () => isShown && setAddress(false),
    );
    return () => (isShown = false);
  }, [path]);
  return address;
}

function Image({ attachment, conversation }) {
  const phrase = usePhrase();
  const address = useImage(attachment, conversation);
  const [isOpen, setOpen] = useState(false);
  const share = Math.min(1, WIDTH_PX / attachment.width, HEIGHT_PX / attachment.height);
  const width = `${Math.round(attachment.width * share)}px`;
  const style = { width, aspectRatio: `${attachment.width} / ${attachment.height}` };
  if (address === false) return html`<span class="image is-missing">${phrase("image_missing")}</span>`;
  return html`<button type="button" class="image" style=${style} disabled=${!address} onClick=${() => setOpen(true)}
      aria-label=${phrase("open_image", { name: attachment.name })}>
      ${address && html`<img src=${address} alt=${attachment.name} />`}
    </button>
    ${isOpen && html`<${Lightbox} address=${address} name=${attachment.name} onClose=${() => setOpen(false)} />`}`;
}

export function Lightbox({ address, name, onClose }) {
  const phrase = usePhrase();
  const clicked = (event) => event.currentTarget.close();
  // Escape closes the image, and not what it was opened from.
  const pressed = (event) => event.key === "Escape" && event.stopPropagation();
  return html`<dialog class="lightbox" ref=${showModal} onClose=${onClose} onClick=${clicked} onKeyDown=${pressed}>
    <img src=${address} alt=${name} />
    <div class="lightbox-name">${name}<${IconButton} icon="close" label=${phrase("dismiss")} /></div>
  </dialog>`;
}

/** A dialog is modal from the moment it is drawn. */
export function showModal(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}
