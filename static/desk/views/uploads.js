// Images on their way into a reply: chosen, pasted or dropped; shown with their progress until they are sent.

import { useRef, useState } from "preact/hooks";
import { upload } from "../attachments.js";
import { html, usePhrase, useSession } from "./base.js";
import { IconButton } from "./icons.js";
import { useImage } from "./images.js";

const FILES = 5;
const FILE_BYTES = 8 * 1024 * 1024;
const TYPES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/**
 * The uploads of one conversation. Those that arrived live in its draft; those under way live as long as this view.
 * @param {string} conversation
 */
export function useUploads(conversation) {
  const session = useSession();
  const phrase = usePhrase();
  const [moving, setMoving] = useState([]);
  const number = useRef(0);
  const draft = session.draft(conversation);
  const change = (key, values) => setMoving((all) => all.map((one) => (one.key === key ? { ...one, ...values } : one)));

  function drop(key) {
    setMoving((all) => {
      for (const one of all) if (one.key === key) URL.revokeObjectURL(one.address);
      return all.filter((one) => one.key !== key);
    });
  }

  function add(files) {
    const room = FILES - draft.attachments.length - moving.length;
    if (files.length > room) session.toast(phrase("upload.too_many", { count: FILES }));
    for (const file of files.slice(0, Math.max(0, room))) start(file);
  }

  function start(file) {
    if (!TYPES.has(file.type)) return session.toast(phrase("upload.wrong_type", { name: file.name }));
    if (file.size > FILE_BYTES) return session.toast(phrase("upload.too_large", { name: file.name }));
    const key = ++number.current;
    const place = { organisation: session.desk.places.get(conversation), conversation };
    const { done, cancel } = upload(place, file, session.config.csrf_token, (share) => change(key, { share }));
    const address = URL.createObjectURL(file);
    setMoving((all) => [...all, { key, name: file.name, address, share: 0, cancel, conversation }]);
    done.then(
      (attachment) => {
        const latest = session.draft(conversation);
        session.setDraft(conversation, { ...latest, attachments: [...latest.attachments, attachment] });
        drop(key);
      },
      (error) => {
        session.toast(error.message || phrase("upload.failed", { name: file.name }));
        drop(key);
      },
    );
  }

  function remove(attachment) {
    const attachments = draft.attachments.filter(({ id }) => id !== attachment.id);
    session.setDraft(conversation, { ...draft, attachments });
  }

  function cancel(one) {
    one.cancel();
    drop(one.key);
  }

  const here = moving.filter((one) => one.conversation === conversation);
  const isEmpty = !here.length && !draft.attachments.length;
  return {
    add,
    isBusy: here.length > 0,
    view: isEmpty
      ? null
      : html`<ul class="uploads">
      ${draft.attachments.map(
        (attachment) => html`<${Uploaded} key=${attachment.id} attachment=${attachment} conversation=${conversation}
          onRemove=${() => remove(attachment)} />`,
      )}
      ${here.map((one) => html`<${Moving} key=${one.key} one=${one} onCancel=${() => cancel(one)} />`)}
    </ul>`,
  };
}

function Uploaded({ attachment, conversation, onRemove }) {
  const phrase = usePhrase();
  const address = useImage(attachment, conversation);
  return html`<li class="upload">
    ${address && html`<img src=${address} alt=${attachment.name} />`}
    <${IconButton} icon="close" label=${phrase("upload.remove", { name: attachment.name })} onClick=${onRemove} />
  </li>`;
}

function Moving({ one, onCancel }) {
  const phrase = usePhrase();
  return html`<li class="upload is-moving">
    <img src=${one.address} alt=${one.name} />
    <progress value=${one.share} max="1" aria-label=${phrase("upload.progress", { name: one.name })}></progress>
    <${IconButton} icon="close" label=${phrase("upload.remove", { name: one.name })} onClick=${onCancel} />
  </li>`;
}

/** What a drop of files over an element needs: handlers, and whether files hover over it now. */
export function useDrop(onFiles) {
  const [isOver, setOver] = useState(false);
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  return {
    isOver,
    handlers: {
      onDragOver: (event) => carriesFiles(event) && (event.preventDefault(), setOver(true)),
      onDragLeave: (event) => event.currentTarget.contains(event.relatedTarget) || setOver(false),
      onDrop: (event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      },
    },
  };
}
