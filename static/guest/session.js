// One specialist's question: opens the link, keeps it up to date, and sends what they decide and write.

import { newCid, openOutbox } from "../shared/outbox.js";
import { pendingEntries } from "../shared/thread.js";
import { openMemory } from "./memory.js";
import { firstState, lose, take } from "./state.js";

const POLL_MS = 3_000;
const TICK_MS = 1_000;

/**
 * @param {object} options
 * @param {string} options.token  what stood in the address's fragment
 * @param {ReturnType<import("./door.js").openDoor>} options.door
 * @param {ReturnType<import("../shared/clock.js").openClock>} options.clock
 * @param {() => void} options.onOpened  the token is spent
 * @param {() => void} options.onChange
 */
export function openSession({ token, door, clock, onOpened, onChange }) {
  let state = firstState();
  const memory = openMemory(token);
  let secret = memory.get("secret");
  // What is being done: "open", "link" or the type of a command; one at a time.
  let busy = "";
  let problem = "";
  let linkAsked = false;
  let offline = false;
  let exchanging = false;
  let incomplete = false;
  let commands = [];
  let timer = null;

  const outbox = openOutbox({
    key: memory.name("outbox"),
    storage: memory.storage,
    send(frame) {
      commands.push(frame);
      refresh();
      return true;
    },
    onChange,
  });

  function receive(frames) {
    incomplete = false;
    for (const frame of frames) {
      if (frame.type === "entries" && !frame.complete) incomplete = true;
      if (frame.now) clock.observe(frame.now);
      if (frame.type === "ack" || frame.type === "error") answered(frame);
      state = take(state, frame);
    }
    const cids = new Set(state.thread.entries.map((entry) => entry.cid));
    for (const item of outbox.all()) if (cids.has(item.cid)) outbox.settle(item.cid);
    if (state.phase === "over") memory.forget();
  }

  function answered(frame) {
    if (frame.cid) outbox.answered(frame);
    else if (frame.type === "error") problem = frame.message;
  }

  /** One request at a time; what was said meanwhile goes with the next one. */
  async function refresh() {
    clearTimeout(timer);
    if (exchanging || !secret || state.phase === "over" || state.phase === "invalid") return;
    exchanging = true;
    const sent = commands.splice(0);
    const answer = await door.exchange(secret, state.thread.last, sent);
    exchanging = false;
    offline = !answer.ok && !answer.gone;
    if (answer.ok) receive(answer.frames);
    else if (answer.gone) lost();
    // Without an answer nobody knows what arrived: messages carry their cid and go again, decisions are asked for anew.
    else commands = [...sent.filter((frame) => frame.cid), ...commands];
    if (sent.some((frame) => frame.type === busy)) {
      busy = "";
      if (offline) problem = answer.message || "offline";
    }
    onChange();
    if ((commands.length || incomplete) && answer.ok) refresh();
    else if (!document.hidden) timer = setTimeout(refresh, Math.max(POLL_MS, 1000 * (answer.wait ?? 0)));
  }

  function lost() {
    const waiting = state.phase !== "over" && outbox.all().length > 0;
    state = lose(state);
    secret = "";
    // Words that found nobody stay readable until the page goes.
    if (!waiting) memory.forget();
    memory.set("secret", "");
  }

  async function open() {
    if (busy) return;
    busy = "open";
    problem = "";
    onChange();
    const answer = await door.open(token);
    busy = "";
    if (answer.ok) {
      secret = answer.frames.find((frame) => frame.type === "guest.opened").secret;
      memory.set("secret", secret);
      onOpened();
      receive(answer.frames);
      timer = setTimeout(refresh, incomplete ? 0 : POLL_MS);
    } else if (answer.gone) state = lose(state);
    else problem = answer.message || "offline";
    onChange();
  }

  async function askForLink() {
    busy = "link";
    problem = "";
    onChange();
    const answer = await door.askForLink(token);
    busy = "";
    linkAsked = answer.ok;
    if (!answer.ok) problem = answer.message || "offline";
    onChange();
  }

  function act(command) {
    if (busy) return;
    busy = command.type;
    problem = "";
    commands.push(command);
    onChange();
    refresh();
  }

  document.addEventListener("visibilitychange", () => !document.hidden && refresh());
  window.addEventListener("online", refresh);
  setInterval(() => {
    outbox.tick();
    onChange();
  }, TICK_MS);
  if (!token) state = lose(state);
  if (secret) {
    outbox.resend();
    refresh();
  }

  return {
    get state() {
      return state;
    },
    /** A secret is here, its question has not come yet. */
    get loading() {
      return secret !== "" && state.phase === "closed";
    },
    get busy() {
      return busy;
    },
    /** The server's words about what it refused, "offline" when it did not answer, or nothing. */
    get problem() {
      return problem;
    },
    get offline() {
      return offline;
    },
    get linkAsked() {
      return linkAsked;
    },
    get pending() {
      const sender = { kind: "specialist", id: null, name: state.question?.specialist ?? "" };
      return pendingEntries(state.thread, outbox.all(), sender);
    },
    open,
    askForLink,
    accept: () => act({ type: "question.accept" }),
    decline: (note) => act({ type: "question.decline", note }),
    callBack: (by) => act({ type: "callback.promise", by: by.toISOString() }),
    finish: () => act({ type: "question.finish" }),
    say(body) {
      memory.set("draft", "");
      outbox.add({ type: "message.send", cid: newCid(), body });
    },
    retry: outbox.retry,
    discard: outbox.discard,
    draft: () => memory.get("draft"),
    keepDraft: (text) => memory.set("draft", text),
  };
}
