// What this browser keeps of one link: the secret that it was given, and words that were not sent yet. All of it goes when
// the question is over.

import { safeStorage } from "../shared/outbox.js";

/** @param {string} token of the link; the keys carry only a part of it */
export function openMemory(token) {
  const storage = safeStorage();
  const name = (key) => `guest.${token.slice(-16)}.${key}`;
  return {
    storage,
    name,
    get: (key) => storage.getItem(name(key)) ?? "",
    set(key, value) {
      try {
        if (value) storage.setItem(name(key), value);
        else storage.removeItem(name(key));
      } catch {
        // Full: it is forgotten with the page.
      }
    },
    forget() {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
      for (const key of keys) if (key?.startsWith(name(""))) storage.removeItem(key);
    },
  };
}
