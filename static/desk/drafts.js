// Unsent words, kept per conversation over a reload. They stay in this browser and go when the operator logs out.

const KEEP_MILLISECONDS = 7 * 24 * 3600 * 1000;

/**
 * @typedef {{mode: "reply" | "note", reply: string, note: string, whisper: string, attachments: object[],
 *   question: import("./asking.js").Question | null, inserted: import("./knowledge.js").Inserted[],
 *   noted: import("./ending.js").Ending | null}} Draft  uploaded attachments only; the question to a specialist; the
 *   answers of the knowledge base that the reply holds; what is noted for the closing
 */

/** @returns {Draft} */
export function emptyDraft() {
  return { mode: "reply", reply: "", note: "", whisper: "", attachments: [], question: null, inserted: [], noted: null };
}

/**
 * @param {Storage} storage see safeStorage in ../shared/outbox.js
 * @param {string} operator id
 * @param {() => number} now milliseconds
 */
export function openDrafts(storage, operator, now = Date.now) {
  const prefix = `desk.draft.${operator}.`;
  const memory = new Map();

  function keys() {
    return Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key) =>
      key?.startsWith(prefix),
    );
  }

  for (const key of keys()) {
    const stored = parse(storage.getItem(key));
    if (stored && now() - stored.at < KEEP_MILLISECONDS) memory.set(key.slice(prefix.length), stored.draft);
    else storage.removeItem(key);
  }

  return {
    /** @returns {Draft} */
    get: (conversation) => memory.get(conversation) ?? emptyDraft(),

    /** @param {string} conversation @param {Draft} draft */
    set(conversation, draft) {
      memory.set(conversation, draft);
      try {
        const isWorthKeeping =
          draft.reply || draft.note || draft.whisper || draft.attachments.length || draft.question || draft.noted;
        if (isWorthKeeping) storage.setItem(prefix + conversation, JSON.stringify({ at: now(), draft }));
        else storage.removeItem(prefix + conversation);
      } catch {
        // A full storage costs the draft its life over a reload, not the page.
      }
    },

    clear() {
      memory.clear();
      for (const key of keys()) storage.removeItem(key);
    },
  };
}

function parse(text) {
  try {
    const stored = JSON.parse(text);
    return typeof stored?.draft?.reply === "string"
      ? { at: stored.at, draft: { ...emptyDraft(), ...stored.draft } }
      : null;
  } catch {
    return null;
  }
}
