// Where the operator writes: to the visitor, or a note for colleagues. Drafts are kept per conversation.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { emptyDraft } from "../drafts.js";
import { openPlaceholders } from "../knowledge.js";
import { isOwn } from "../state.js";
import { AskButton } from "./asking.js";
import { html, usePhrase, useSession } from "./base.js";
import { Icon } from "./icons.js";
import { selectIn } from "./inserting.js";
import { Openings, Points } from "./points.js";

const BODY_CHARACTERS = 4000;
/** The counter appears when this many characters are left. */
const COUNTER_CHARACTERS = 400;
/** Mode → its key, and the word on the button that sends. */
const KEYS = { reply: "R", whisper: "R", note: "N" };
const SENDS = { reply: "send", whisper: "whisper", note: "add_note" };

/**
 * @param {{conversation: string, uploads: object, editing: object | null, onEditLast: () => void,
 *   onEditEnd: () => void}} properties
 */
export function Composer({ conversation, uploads, editing, onEditLast, onEditEnd }) {
  const session = useSession();
  const phrase = usePhrase();
  const field = useRef(null);
  const draft = session.draft(conversation);
  const [edited, setEdited] = useState("");
  // The text whose sending was held back because something in it is still to be filled in.
  const [held, setHeld] = useState(null);
  const canReply = isOwn(session.desk, conversation);
  // A supervisor cannot answer for somebody else: they whisper to whoever does.
  const modes = session.desk.supervises && !canReply ? ["whisper", "note"] : ["reply", "note"];
  const mode = modes.includes(draft.mode) ? draft.mode : modes[0];
  const isNote = mode !== "reply" && !editing;
  const text = editing ? edited : draft[mode];
  const isReady = isReadyWith(text);

  useLayoutEffect(() => fit(field.current), [text, conversation]);
  useEffect(() => {
    if (!editing) return;
    setEdited(editing.body);
    field.current.focus();
  }, [editing]);

  function isReadyWith(words) {
    const hasFiles = !isNote && !editing && session.draft(conversation).attachments.length > 0;
    const hasSomething = words.trim() !== "" || hasFiles;
    return hasSomething && words.length <= BODY_CHARACTERS && (isNote || canReply) && !uploads.isBusy;
  }

  function setMode(next) {
    session.setDraft(conversation, { ...draft, mode: next });
    onEditEnd();
    field.current.focus();
  }

  function write(value) {
    if (editing) return setEdited(value);
    const known = session.draft(conversation);
    const inserted = mode === "reply" && value.trim() === "" ? [] : known.inserted;
    session.setDraft(conversation, { ...known, inserted, [mode]: value });
    if (!isNote) session.type(conversation, value !== "");
  }

  function submit(event) {
    event?.preventDefault();
    // What is written by now: Enter may come before the last letters were drawn, and twice before the field is empty.
    const known = session.draft(conversation);
    const words = editing ? field.current.value : known[mode];
    if (!isReadyWith(words)) return;
    const body = words.trim();
    const [open] = isNote || editing ? [] : openPlaceholders(known.inserted, words);
    if (open && held !== words) {
      setHeld(words);
      selectIn(field.current, open);
    } else if (editing) {
      if (body !== editing.body) session.edit(conversation, editing.seq, body);
      onEditEnd();
    } else if (mode === "whisper") {
      session.supervising.whisper(conversation, body);
      session.setDraft(conversation, { ...known, whisper: "" });
    } else if (isNote) {
      session.note(conversation, body);
      session.setDraft(conversation, { ...known, note: "", mode: "reply" });
    } else {
      session.send(conversation, body, known.attachments);
      const { note, question, whisper } = known;
      session.setDraft(conversation, { ...emptyDraft(), note, question, whisper });
    }
  }

  function pressed(event) {
    // Enter also confirms a choice while Japanese is being written; 229 is how older browsers say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      submit(event);
    } else if (event.key === "ArrowUp" && text === "" && !editing && !isNote && !event.altKey) {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Escape") {
      if (editing) onEditEnd();
      else field.current.blur();
    }
  }

  function chosen(event) {
    uploads.add([...event.currentTarget.files]);
    // The same file may be chosen again.
    event.currentTarget.value = "";
  }

  function pasted(event) {
    const files = [...event.clipboardData.files];
    if (!files.length || isNote) return;
    event.preventDefault();
    uploads.add(files);
  }

  const isWaiting = session.desk.rows.get(conversation)?.state === "waiting";
  const notice = session.noticeOf(conversation);
  const isClosed = session.desk.threads.get(conversation)?.state === "closed";
  const placeholder = phrase(
    isNote
      ? `composer.${mode}`
      : canReply
        ? "composer.reply"
        : isWaiting
          ? "composer.waiting"
          : isClosed
            ? "composer.closed"
            : "composer.not_yours",
  );
  const left = BODY_CHARACTERS - text.length;
  return html`<form class=${`composer ${isNote ? `is-note is-${mode}` : ""} ${editing ? "is-editing" : ""}`} onSubmit=${submit}>
    ${notice && html`<p class="notice" role="alert">${notice}</p>`}
    <div class="composer-modes">
      ${
        editing
          ? html`<span class="composer-editing"><${Icon} name="edit" />${phrase("composer.editing")}</span>
            <button type="button" class="link" onClick=${onEditEnd}>${phrase("cancel")}</button>`
          : modes.map(
              (one) => html`<button type="button" key=${one} class="tab" aria-pressed=${mode === one}
              onClick=${() => setMode(one)}>
              ${phrase(`composer.mode.${one}`)} <kbd>${KEYS[one]}</kbd></button>`,
            )
      }
      ${canReply && !editing && html`<${AskButton} conversation=${conversation} />`}
    </div>
    ${!isNote && !editing && html`<${Points} conversation=${conversation} text=${text} />`}
    ${!isNote && !editing && html`<${Openings} conversation=${conversation} text=${text} isHeld=${held === text} />`}
    <div class="composer-box">
      ${!isNote && !editing && uploads.view}
      <textarea ref=${field} id="composer" rows="1" value=${text} placeholder=${placeholder} aria-label=${placeholder}
        onInput=${(event) => write(event.currentTarget.value)} onKeyDown=${pressed} onPaste=${pasted}></textarea>
      <div class="composer-tools">
        ${
          !isNote &&
          !editing &&
          html`<label class="icon-button" title=${phrase("attach")}>
          <${Icon} name="clip" /><span class="visually-hidden">${phrase("attach")}</span>
          <input class="visually-hidden" type="file" accept="image/png,image/jpeg,image/gif,image/webp" multiple
            disabled=${!canReply} onChange=${chosen} />
        </label>`
        }
        ${left <= COUNTER_CHARACTERS && html`<span class=${`counter ${left < 0 ? "is-over" : ""}`}>${left}</span>`}
        <span class="composer-hint quiet">
          <kbd>Enter</kbd> ${phrase("composer.sends")} <kbd>Shift Enter</kbd> ${phrase("composer.breaks")}
        </span>
        <button class="button button-main send" disabled=${!isReady}>
          <${Icon} name=${isNote ? mode : "send"} />${phrase(editing ? "save" : SENDS[mode])}
        </button>
      </div>
    </div>
  </form>`;
}

/** As high as its text, within what the style sheet allows. */
function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

/** Puts the cursor into the composer, in the mode asked for. */
export function focusComposer(session, mode) {
  const conversation = session.desk.selected;
  if (!conversation) return;
  session.setDraft(conversation, { ...session.draft(conversation), mode });
  // At once: the next letter may come before the next frame.
  document.getElementById("composer").focus();
}
