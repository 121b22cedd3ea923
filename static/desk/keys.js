// Which key does what. Pure: a keyboard event in, the name of an action out.

export const PURPOSES = ["problem", "information", "advice", "complaint", "other"];

/** With Alt, also while typing. By position on the keyboard: Alt types other characters on a Mac. */
const WITH_ALT = {
  ArrowDown: { name: "open_next" },
  ArrowUp: { name: "open_previous" },
  KeyN: { name: "note" },
  KeyR: { name: "reply" },
  KeyT: { name: "take" },
  KeyS: { name: "ask" },
  KeyI: { name: "facts" },
  KeyB: { name: "pause" },
  KeyK: { name: "search" },
  KeyO: { name: "article" },
  KeyG: { name: "gap" },
  KeyE: { name: "ending" },
  KeyF: { name: "quality" },
};
for (const rank of [1, 2, 3]) WITH_ALT[`Digit${rank}`] = { name: "insert", rank };
/** What cannot be undone takes one key more than what is done all day. */
const WITH_ALT_SHIFT = {};
PURPOSES.forEach((purpose, index) => (WITH_ALT_SHIFT[`Digit${index + 1}`] = { name: "close", purpose }));

/** Alone, when nothing is being typed. */
const ALONE = {
  j: { name: "focus_next" },
  k: { name: "focus_previous" },
  r: { name: "reply" },
  n: { name: "note" },
  t: { name: "take" },
  s: { name: "ask" },
  i: { name: "facts" },
  b: { name: "pause" },
  "/": { name: "search" },
  o: { name: "article" },
  g: { name: "gap" },
  e: { name: "ending" },
  f: { name: "quality" },
  "?": { name: "help" },
};

/**
 * @param {{key: string, code: string, altKey: boolean, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, isComposing: boolean}} event
 * @param {boolean} typing  whether the focus is in a text field
 * @param {boolean} lettersOn  whether single letters are wanted at all
 * @returns {{name: string, purpose?: string, rank?: number} | null}
 */
export function actionFor(event, typing, lettersOn) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return null;
  if (event.altKey) return (event.shiftKey ? WITH_ALT_SHIFT : WITH_ALT)[event.code] ?? null;
  if (typing || !lettersOn) return null;
  return ALONE[event.key.toLowerCase()] ?? null;
}

/** @param {EventTarget | null} target */
export function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
