// What was sent and is not yet answered. Kept in storage by cid, so that a reload, a crash or a lost line loses nothing:
// after every welcome it goes out again with the same cid, and the server answers the same.

const FAILED_AFTER_MS = 20_000;

/**
 * @typedef {object} OutboxItem
 * @property {string} cid
 * @property {object} frame  the command, exactly as it is sent
 * @property {import("./thread.js").Attachment[]} attachments  what its frame only names by id, to be shown meanwhile
 * @property {"sending" | "sent" | "failed"} state
 * @property {number} at  ms, this computer's clock: when it was written
 * @property {number} triedAt  ms, when the present try began
 * @property {number | null} retryAt  ms, when the server allowed the next try
 * @property {boolean} refused  failed because the server said no: it is not sent again by itself
 * @property {string} message  the server's words for people, when it refused
 * @property {number | null} seq  its number once acked
 */

/** A uuid. `crypto.randomUUID` is missing in a frame inside a plain http page, `getRandomValues` never is. */
export function newCid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The page's storage, or one in memory where the browser forbids it: then nothing survives a reload, all else works. */
export function safeStorage(real = () => window.localStorage) {
  try {
    const storage = real();
    storage.setItem("storage.probe", "1");
    storage.removeItem("storage.probe");
    return storage;
  } catch {
    const values = new Map();
    return {
      get length() {
        return values.size;
      },
      key: (index) => [...values.keys()][index] ?? null,
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => values.set(key, String(value)),
      removeItem: (key) => values.delete(key),
    };
  }
}

/**
 * @param {object} options
 * @param {string} options.key  prefix in storage; each item has its own key, so that two tabs do not overwrite each other
 * @param {(frame: object) => boolean} options.send
 * @param {(items: OutboxItem[]) => void} [options.onChange]
 * @param {Storage} [options.storage]
 * @param {() => number} [options.now]  ms
 */
export function openOutbox({ key, send, onChange = () => {}, storage = safeStorage(), now = Date.now }) {
  const prefix = `${key}.`;
  /** @type {Map<string, OutboxItem>} */
  const items = new Map();
  for (const item of stored()) items.set(item.cid, item);

  function stored() {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    return keys
      .filter((name) => name?.startsWith(prefix))
      .map((name) => readItem(storage.getItem(name)))
      .filter((item) => item !== null)
      .sort((left, right) => left.at - right.at);
  }

  function put(item) {
    items.set(item.cid, item);
    try {
      storage.setItem(prefix + item.cid, JSON.stringify(item));
    } catch {
      // Storage is full: the item lives as long as the page.
    }
  }

  function drop(cid) {
    items.delete(cid);
    storage.removeItem(prefix + cid);
  }

  const changed = () => onChange(all());
  const all = () => [...items.values()];

  function dispatch(item) {
    put({ ...item, state: "sending", triedAt: now(), retryAt: null, refused: false, message: "" });
    send(item.frame);
  }

  return {
    /** Everything unsettled, oldest first. @returns {OutboxItem[]} */
    all,

    /** Send a command; its `cid` must be set (newCid). `attachments` are those that a message names. */
    add(frame, attachments = []) {
      const at = Math.max(now(), ...all().map((item) => item.at + 1));
      dispatch({ cid: frame.cid, frame, attachments, at, seq: null });
      changed();
    },

    /** After every welcome: all that is unanswered goes out again, in order. What the server refused waits for a person. */
    resend() {
      for (const item of all()) if (item.state !== "sent" && !item.refused) dispatch(item);
      changed();
    },

    /** Give it an `ack` or `error` frame. Returns the item it was about, or null. @returns {OutboxItem | null} */
    answered(frame) {
      const item = items.get(frame.cid);
      if (!item) return null;
      if (frame.type === "ack") {
        // Stays in memory until the fact itself shows up in the thread; from now on nothing must be resent.
        storage.removeItem(prefix + item.cid);
        items.set(item.cid, { ...item, state: "sent", seq: frame.seq });
      } else if (frame.retry) {
        put({ ...item, retryAt: now() + 1000 * (frame.retry_after ?? 1) });
      } else {
        put({ ...item, state: "failed", refused: true, message: frame.message });
      }
      changed();
      return item;
    },

    /** The fact that the item became has been seen (or its answer is all there is to it): forget it. */
    settle(cid) {
      if (!items.has(cid)) return;
      drop(cid);
      changed();
    },

    /** A person asks for one more try. */
    retry(cid) {
      const item = items.get(cid);
      if (!item) return;
      dispatch(item);
      changed();
    },

    /** A person gives it up. */
    discard(cid) {
      drop(cid);
      changed();
    },

    /** Once a second: fail what waited 20 s, send again what the server allowed to be. */
    tick() {
      let any = false;
      for (const item of all()) {
        if (item.state !== "sending") continue;
        if (item.retryAt !== null && now() >= item.retryAt) dispatch(item);
        else if (item.retryAt === null && now() - item.triedAt >= FAILED_AFTER_MS) put({ ...item, state: "failed" });
        else continue;
        any = true;
      }
      if (any) changed();
    },
  };
}

function readItem(text) {
  try {
    const item = JSON.parse(text);
    return typeof item?.cid === "string" && item.frame ? item : null;
  } catch {
    return null;
  }
}
