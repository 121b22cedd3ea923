// The desk at work: frames in and out, what is unsent, drafts, toasts. It owns the timers; the views only call it.

import { openClock } from "../shared/clock.js";
import { openConnection } from "../shared/connection.js";
import { newCid, openOutbox } from "../shared/outbox.js";
import { openAsking } from "./asking.js";
import { openConsulting } from "./consulting.js";
import { openDrafts } from "./drafts.js";
import { openDuty } from "./duty.js";
import { qualityNews } from "./quality.js";
import { openSupervising } from "./supervising.js";
import { cursors, emptyDesk, forgetTyping, isOwn, reduce, sections, select } from "./state.js";
import { lossOf } from "./why.js";

const TICK_MS = 1_000;
/** A deletion waits this long for an Undo. */
export const UNDO_MS = 5_000;
const TOAST_MS = 6_000;
const TYPING_EVERY_MS = 2_000;
/** After these refusals the conversation is somebody else's or over: the text goes back to being a draft. */
const GONE_CODES = new Set(["not_assigned", "closed", "not_found"]);
const LOSS_TOAST_MS = 20_000;
/** Shown in the thread from the moment they are written until the fact takes their place. */
const PENDING_TYPES = new Set(["message.send", "note.add", "whisper.add"]);

/**
 * @param {object} options
 * @param {object} options.config  the page's JSON: see conversations/views/desk_page.py
 * @param {(key: string, values?: object) => string} options.phrase
 * @param {Storage} options.storage
 * @param {(signal: import("./state.js").Signal, session: object) => void} onSignal
 */
export function openSession({ config, phrase, storage }, onSignal) {
  const clock = openClock({ language: config.locale });
  const drafts = openDrafts(storage, config.operator.id);
  const listeners = new Set();
  const marked = new Map();
  const typingSentAt = new Map();
  const deletions = new Map();
  let desk = emptyDesk(config.operator);
  let line = { state: "connecting", detail: null };
  let toasts = [];
  let notices = new Map();
  let toastNumber = 0;
  let announcement = "";

  const outbox = openOutbox({
    key: `desk.outbox.${config.operator.id}`,
    send: (frame) => connection.send(frame),
    onChange: changed,
    storage,
  });
  const connection = openConnection({
    socketUrl: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${config.socket_path}`,
    apiUrl: config.api_path,
    headers: { "X-CSRFToken": config.csrf_token },
    hello: () => ({
      type: "hello",
      protocol: config.protocol,
      cursors: cursors(desk),
      watched: Object.fromEntries(desk.watched),
    }),
    onFrame: heard,
    onState: lineChanged,
  });
  const duty = openDuty({
    desk: () => desk,
    send: (frame) => connection.send(frame) || toast(phrase("not_connected")),
    now: clock.now,
    onBreakOver() {
      announcement = phrase("break.over");
      onSignal({ kind: "break_over", conversation: "" }, session);
      changed();
    },
    onChange: changed,
  });
  const asking = openAsking({
    address,
    send: (frame) => connection.send(frame) || toast(phrase("not_connected")),
    post: (frame) => outbox.add(frame),
    onChange: changed,
  });
  const supervising = openSupervising({
    desk: () => desk,
    take,
    send: (frame) => connection.send(frame) || toast(phrase("not_connected")),
    outbox,
  });
  const consulting = openConsulting({
    desk: () => desk,
    address,
    draft: (conversation) => drafts.get(conversation),
    setDraft,
    send: (frame) => connection.send(frame),
    outbox,
    say: (key) => toast(phrase(key)),
    onChange: changed,
  });
  const timer = setInterval(tick, TICK_MS);
  window.addEventListener("pagehide", finishDeletions);

  function changed() {
    for (const listener of listeners) listener();
  }

  function heard(frame) {
    if (frame.now) clock.observe(frame.now);
    if (frame.type === "ack" || frame.type === "error") answered(frame);
    if (frame.type === "welcome") duty.welcomed(frame);
    take(reduce(desk, consulting.heard(frame), Date.now()));
    if (frame.type === "welcome") {
      outbox.resend();
      const before = location.hash.slice(1);
      if (!supervising.followAddress() && !desk.selected && desk.rows.has(before)) session.open(before);
    }
    settleSeen();
  }

  /** Takes over a new state of the desk, and does what it asks for. */
  function take({ state, commands, signals }) {
    desk = state;
    for (const command of commands) connection.send(command);
    for (const signal of signals) {
      if (signal.kind === "departed") notice(signal.conversation, lossText(signal.conversation) ?? phrase("departed"));
      if (signal.kind === "withdrawn") lost(signal.conversation);
      if (signal.kind === "assigned") welcome(signal.conversation);
      tellNews(qualityNews(signal, phrase, desk.organisations, config));
      onSignal(signal, session);
    }
    consulting.follow();
    changed();
  }

  function tellNews(news) {
    if (!news) return;
    announcement = news.text;
    toast(news.text, { label: phrase("follow_ups.see"), run: () => session.openPage(news.path) }, LOSS_TOAST_MS);
  }

  function setDraft(conversation, draft) {
    drafts.set(conversation, draft);
    consulting.follow();
    changed();
  }

  function welcome(conversation) {
    notice(conversation, null);
    const organisation = desk.organisations.get(desk.places.get(conversation));
    announcement = phrase("announce.assigned", { organisation: organisation?.name ?? "" });
  }

  /** "Acme · given to a colleague: no reply within 15 s. Your draft is kept." Null when it was nothing of the kind. */
  function lossText(conversation) {
    const reason = lossOf(desk.threads.get(conversation), desk.operator.id);
    const organisation = desk.organisations.get(desk.places.get(conversation));
    const values = { organisation: organisation?.name ?? "", seconds: organisation?.reoffer_seconds };
    return reason && phrase(`lost.${reason}`, values);
  }

  function lost(conversation) {
    const text = lossText(conversation);
    if (!text) return;
    notice(conversation, text);
    announcement = text;
    toast(text, { label: phrase("show"), run: () => session.open(conversation) }, LOSS_TOAST_MS);
  }

  function lineChanged(state, detail) {
    line = { state, detail };
    if (state === "refused" && detail.code === 4401) location.assign(config.login_path);
    changed();
  }

  function answered(frame) {
    const item = outbox.answered(frame);
    if (frame.type === "ack") {
      if (item) done(item.frame);
    } else if (!item) {
      if (frame.code !== "not_found") toast(frame.message);
    } else if (!frame.retry) {
      refused(item, frame);
    }
  }

  function done(command) {
    if (command.type === "message.send") consulting.stored(command.cid);
    if (PENDING_TYPES.has(command.type)) return;
    outbox.settle(command.cid);
    if (command.type === "conversation.reassign") toast(phrase("watch.given"));
    if (command.type === "conversation.take") session.open(command.conversation);
    if (command.type === "conversation.close") closed(command);
    if (command.type === "conversation.escalate") {
      drafts.set(command.conversation, { ...drafts.get(command.conversation), question: null });
    }
  }

  /** On to whoever waits; the closed conversation stays one click away. */
  function closed({ conversation, purpose }) {
    drafts.set(conversation, { ...drafts.get(conversation), noted: null });
    const next = sections(desk).mine.find((row) => row.conversation !== conversation && row.promise);
    const moves = next && desk.selected === conversation;
    if (moves) session.open(next.conversation);
    const action = moves ? { label: phrase("show"), run: () => session.open(conversation) } : null;
    toast(phrase("closed_as", { purpose: phrase(`purpose.${purpose}`) }), action);
  }

  function refused(item, { code, message }) {
    const { type, conversation, body } = item.frame;
    const isText = type === "message.send";
    if (isText && !GONE_CODES.has(code)) return;
    if (type !== "message.send" && PENDING_TYPES.has(type)) return;
    outbox.discard(item.cid);
    if (!isText) {
      toast(message);
      return;
    }
    const draft = drafts.get(conversation);
    drafts.set(conversation, {
      ...draft,
      reply: [body, draft.reply].filter(Boolean).join("\n"),
      attachments: [...item.attachments, ...draft.attachments],
    });
    notice(conversation, message);
  }

  /** A sent message that has become part of its thread is shown from there. */
  function settleSeen() {
    for (const item of outbox.all()) {
      const thread = desk.threads.get(item.frame.conversation);
      const isForStaff = item.frame.type !== "message.send" && PENDING_TYPES.has(item.frame.type);
      const facts = isForStaff ? thread?.deskEntries : thread?.entries;
      if (facts?.some((fact) => fact.cid === item.cid)) outbox.settle(item.cid);
    }
  }

  function tick() {
    outbox.tick();
    duty.tick();
    const next = forgetTyping(desk, Date.now());
    if (next !== desk) take({ state: next, commands: [], signals: [] });
  }

  function notice(conversation, text) {
    notices = new Map(notices);
    if (text) notices.set(conversation, text);
    else notices.delete(conversation);
  }

  function toast(text, action = null, life = TOAST_MS) {
    const id = ++toastNumber;
    toasts = [...toasts.slice(-2), { id, text, action }];
    setTimeout(() => session.dismiss(id), life);
    changed();
    return id;
  }

  function finishDeletions() {
    for (const cid of [...deletions.keys()]) finishDeletion(cid);
  }

  function finishDeletion(cid) {
    const held = deletions.get(cid);
    if (!held) return;
    clearTimeout(held.timer);
    deletions.delete(cid);
    outbox.add(held.frame);
  }

  function address(conversation) {
    return { organisation: desk.places.get(conversation), conversation };
  }

  const session = {
    clock,
    config,
    phrase,
    storage,
    get desk() {
      return desk;
    },
    get line() {
      return line;
    },
    get toasts() {
      return toasts;
    },
    /** What a screen reader says of the latest news. */
    get announcement() {
      return announcement;
    },
    /** Why the text of a conversation is still a draft, or null. */
    noticeOf: (conversation) => notices.get(conversation) ?? null,
    outboxOf: (conversation) => outbox.all().filter((item) => item.frame.conversation === conversation),
    /** Whether the message is being deleted: it is hidden, and may still be brought back. */
    isDeleting: (conversation, seq) =>
      [...deletions.values()].some(({ frame }) => frame.conversation === conversation && frame.target === seq) ||
      outbox
        .all()
        .some(
          ({ frame }) => frame.type === "message.delete" && frame.target === seq && frame.conversation === conversation,
        ),
    /** Messages of the visitor that nobody has looked at here, or answered. */
    unread(conversation) {
      const thread = desk.threads.get(conversation);
      if (!thread) return 0;
      const messages = thread.entries.filter((entry) => entry.type === "message.sent");
      const answer = messages.findLast((entry) => entry.sender.kind === "operator")?.seq ?? 0;
      const upto = Math.max(thread.reads.operator, marked.get(conversation) ?? 0, answer);
      return messages.filter((entry) => entry.sender.kind === "visitor" && entry.seq > upto).length;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    open(conversation, organisation = null) {
      take(select(desk, conversation, organisation, Date.now()));
      // So that a reload comes back to it.
      history.replaceState(null, "", conversation ? `#${conversation}` : location.pathname);
    },
    send(conversation, body, attachments) {
      const ids = attachments.map((attachment) => attachment.id);
      const frame = { type: "message.send", ...address(conversation), cid: newCid(), body, attachments: ids };
      notice(conversation, null);
      consulting.sent(frame.cid, conversation, body);
      outbox.add(frame, attachments);
      session.type(conversation, false);
    },
    note(conversation, body) {
      outbox.add({ type: "note.add", ...address(conversation), cid: newCid(), body });
    },
    edit(conversation, target, body) {
      outbox.add({ type: "message.edit", ...address(conversation), cid: newCid(), target, body });
    },
    /** Deletes after a moment in which it can be undone. */
    remove(conversation, target) {
      const cid = newCid();
      const frame = { type: "message.delete", ...address(conversation), cid, target };
      const timer = setTimeout(() => finishDeletion(cid), UNDO_MS);
      deletions.set(cid, { frame, timer });
      const undo = () => {
        clearTimeout(timer);
        deletions.delete(cid);
      };
      toast(phrase("message_deleted"), { label: phrase("undo"), run: undo }, UNDO_MS);
    },
    take(conversation) {
      outbox.add({ type: "conversation.take", ...address(conversation), cid: newCid() });
    },
    close(conversation, purpose) {
      const isAsked = session.outboxOf(conversation).some((item) => item.frame.type === "conversation.close");
      if (!conversation || isAsked) return;
      if (!isOwn(desk, conversation)) {
        toast(phrase("close_own_only"));
        return;
      }
      const noted = drafts.get(conversation).noted ?? {};
      outbox.add({ type: "conversation.close", ...address(conversation), cid: newCid(), purpose, ...noted });
    },
    /** What was noted at closing, all of it anew. */
    correctEnding(conversation, { purpose, lead, mood_start, mood_end }) {
      const ending = { purpose, lead, mood_start, mood_end };
      outbox.add({ type: "ending.correct", ...address(conversation), cid: newCid(), ...ending });
    },
    duty,
    asking,
    consulting,
    supervising,
    /** Tells the visitor that somebody writes; at most every 2 s. */
    type(conversation, typing) {
      const last = typingSentAt.get(conversation) ?? 0;
      if (typing ? Date.now() - last < TYPING_EVERY_MS : last === 0) return;
      typingSentAt.set(conversation, typing ? Date.now() : 0);
      if (isOwn(desk, conversation)) connection.send({ type: "typing.set", ...address(conversation), typing });
    },
    /** What is on the screen has been read. */
    markRead(conversation) {
      const thread = desk.threads.get(conversation);
      const upto =
        thread?.entries.findLast((entry) => entry.type === "message.sent" && entry.sender.kind === "visitor")?.seq ?? 0;
      if (upto <= Math.max(thread?.reads.operator ?? 0, marked.get(conversation) ?? 0) || !isOwn(desk, conversation))
        return;
      if (!connection.send({ type: "read.mark", ...address(conversation), upto })) return;
      marked.set(conversation, upto);
      changed();
    },
    retry: (cid) => outbox.retry(cid),
    discard: (cid) => outbox.discard(cid),
    draft: (conversation) => drafts.get(conversation),
    setDraft,
    toast,
    dismiss(id) {
      if (!toasts.some((toast) => toast.id === id)) return;
      toasts = toasts.filter((toast) => toast.id !== id);
      changed();
    },
    reconnect: () => connection.poll(),
    /** Beside the desk, which goes on hearing of new conversations. */
    openPage: (path) => window.open(path, "desk-page"),
    /** Before logging out: drafts do not stay on a shared computer, and the closing of the line is no surprise. */
    leave() {
      clearInterval(timer);
      finishDeletions();
      drafts.clear();
      connection.close();
    },
  };
  return session;
}
