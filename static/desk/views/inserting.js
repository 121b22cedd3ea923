// An answer goes into the reply that is being written: at the cursor, over nothing, and the browser's own undo takes it
// back. It is never sent by itself.

import { isOwn } from "../state.js";
import { placeholders, spaced } from "../knowledge.js";

/** @param {object} suggestion @param {number | null} rank  1 is the first; null when it was searched for */
export function insertReply(session, conversation, suggestion, rank) {
  if (!isOwn(session.desk, conversation)) return session.toast(session.phrase("answers.not_yours"));
  if (!suggestion.reply) return session.consulting.read(conversation, suggestion.article);
  const draft = session.draft(conversation);
  if (draft.mode === "reply") return put(session, conversation, suggestion, rank);
  session.setDraft(conversation, { ...draft, mode: "reply" });
  // The field holds the note until it is drawn anew.
  requestAnimationFrame(() => put(session, conversation, suggestion, rank));
}

/** By its place among what is offered now. @param {number} rank 1 is the first */
export function insertOffered(session, rank) {
  const conversation = session.desk.selected;
  if (!conversation) return;
  const { suggestion, rank: shown } = session.consulting.offered(conversation, rank) ?? {};
  if (suggestion) insertReply(session, conversation, suggestion, shown);
}

function put(session, conversation, suggestion, rank) {
  const field = document.getElementById("composer");
  field.focus();
  const at = field.selectionEnd;
  field.setSelectionRange(at, at);
  const text = spaced(field.value.slice(0, at), suggestion.reply, field.value.slice(at));
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, at, at, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
  }
  // A message that is being corrected was answered already.
  if (!field.form.classList.contains("is-editing")) session.consulting.inserted(conversation, suggestion, rank);
  const [open] = placeholders(suggestion.missing).filter((name) => suggestion.reply.includes(name));
  if (open) selectIn(field, open, at);
}

/** Selects the words, so that the next letter takes their place. @param {number} from  where to begin looking */
export function selectIn(field, words, from = 0) {
  const at = field.value.indexOf(words, from);
  if (at < 0) return;
  field.focus();
  field.setSelectionRange(at, at + words.length);
}
