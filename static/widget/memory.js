// What this browser remembers for one website: the token, the draft, the offline form. One key each.

import { safeStorage } from "../shared/outbox.js";

/** @param {string} website its key */
export function openMemory(website) {
  const lasting = safeStorage();
  const thisTab = safeStorage(() => window.sessionStorage);
  const name = (key) => `widget.${website}.${key}`;

  function put(storage, key, value) {
    try {
      if (value) storage.setItem(name(key), value);
      else storage.removeItem(name(key));
    } catch {
      // Full: it is forgotten with the page.
    }
  }

  return {
    storage: lasting,
    name,
    get: (key) => lasting.getItem(name(key)) ?? "",
    set: (key, value) => put(lasting, key, value),
    /** Kept while the visitor goes from page to page in this tab. */
    getInTab: (key) => thisTab.getItem(name(key)) ?? "",
    setInTab: (key, value) => put(thisTab, key, value),
  };
}
