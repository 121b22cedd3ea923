// The visitor's side of a conversation: joins the connection, the outbox and the state, and offers what a person can do.

import { openConnection } from "../shared/connection.js";
import { newCid, openOutbox } from "../shared/outbox.js";
import { withUnsent } from "../shared/rating.js";
import { pendingEntries } from "../shared/thread.js";
import { NO_HELP, asking, isToBeAsked, searchable, waitingQuestion } from "./help.js";
import { firstState, lastIncoming, receive } from "./state.js";

const TYPING_EVERY_MS = 2_000;
const TICK_MS = 1_000;
// After the last key, before what was written is looked for.
const HELP_AFTER_MS = 350;
const KEPT_HELP_ANSWERS = 20;
const PROTOCOL = 1;
const VISITOR = { kind: "visitor", id: null, name: "" };
// Commands whose effect shows up as a fact with their cid; all others are done with when they are acked.
const BECOMES_A_FACT = new Set(["message.send"]);
const EMPTY_CONTACT = { name: "", email: "", body: "", may_ask: false };
const RATING = new Set(["rating.give", "rating.answer"]);

/**
 * @param {object} options
 * @param {object} options.config  as the page has it
 * @param {ReturnType<import("../shared/clock.js").openClock>} options.clock
 * @param {ReturnType<import("./memory.js").openMemory>} options.memory
 * @param {{ready: Promise<void>, page: object}} options.host
 * @param {() => void} options.onChange
 */
export function openSession({ config, clock, memory, host, onChange }) {
  let state = firstState(config.opening);
  let connection = null;
  let starting = false;
  let line = "idle";
  let topic = null;
  let typingAt = 0;
  let readSent = 0;
  let contactSentTo = "";
  let tokenWaiters = [];
  let shownFor = null;
  // What was given on this page, in order: the facts may come a moment later than the acks.
  let ratings = [];
  let helpWanted = "";
  let helpTimer = null;

  const outbox = openOutbox({
    key: memory.name("outbox"),
    storage: memory.storage,
    send: (frame) => connection?.send(frame) ?? false,
    onChange,
  });

  const secure = window.location.protocol === "https:";

  function hello() {
    return {
      type: "hello",
      protocol: PROTOCOL,
      token: memory.get("token") || null,
      website: config.website.key,
      language: config.language,
      conversation: state.thread.conversation,
      since: state.thread.last,
      page: host.page,
    };
  }

  /** Connects. Nothing is sent for a visitor who never opened the panel. */
  async function start() {
    if (starting) return;
    starting = true;
    line = "connecting";
    await host.ready;
    connection = openConnection({
      socketUrl: `${secure ? "wss" : "ws"}://${window.location.host}${config.socket_path}`,
      apiUrl: config.api_path,
      hello,
      onFrame: heard,
      onState(next) {
        line = next;
        onChange();
      },
    });
    setInterval(() => {
      outbox.tick();
      const waiting = waitingQuestion(state, clock.now());
      if (waiting) helpWanted = waiting;
      askForHelp();
      onChange();
    }, TICK_MS);
  }

  function heard(frame) {
    if (frame.now) clock.observe(frame.now);
    if (frame.type === "welcome") welcomed(frame);
    const { state: next, answers } = receive(state, frame, clock.now());
    state = next;
    if (frame.type === "welcome") outbox.resend();
    if (frame.type === "ack" || frame.type === "error") answered(frame);
    for (const answer of answers) connection.send(answer);
    settleSeen();
    if (frame.type === "rating.given" || frame.type === "rating.answered") ratings = ratings.filter(isUnsettled);
    onChange();
  }

  function welcomed(frame) {
    if (frame.token) memory.set("token", frame.token);
    readSent = 0;
    for (const resolve of tokenWaiters.splice(0)) resolve(memory.get("token"));
  }

  function answered(frame) {
    const item = outbox.answered(frame);
    if (!item) return;
    if (frame.type === "ack") {
      if (item.frame.type === "contact.send") contactArrived(item.frame);
      if (!BECOMES_A_FACT.has(item.frame.type)) outbox.settle(item.cid);
    } else if (item.frame.type === "help.rate") {
      // The article is gone: nobody needs to know.
      if (!frame.retry) outbox.discard(item.cid);
    } else if (frame.code === "closed_hours" && item.frame.type === "message.send") {
      // The desk closed while this was being written: the words move into the offline form.
      const form = contactDraft();
      memory.set("contact", JSON.stringify({ ...form, body: [form.body, item.frame.body].filter(Boolean).join("\n") }));
      outbox.discard(item.cid);
    }
  }

  function contactArrived(frame) {
    contactSentTo = frame.email;
    memory.set("contact", "");
    if (state.thread.kept) memory.set("kept", `${state.thread.conversation} ${frame.email}`);
  }

  function settleSeen() {
    const cids = new Set(state.thread.entries.map((entry) => entry.cid));
    for (const item of outbox.all()) if (cids.has(item.cid)) outbox.settle(item.cid);
  }

  function contactDraft() {
    try {
      return { ...EMPTY_CONTACT, ...JSON.parse(memory.get("contact") || "{}") };
    } catch {
      return EMPTY_CONTACT;
    }
  }

  /** Looks for what is wanted, unless it was; without a line, when there is one again. */
  function askForHelp() {
    const now = clock.now();
    if (!config.has_help || !isToBeAsked(state.help, helpWanted, now)) return;
    if (!helpWanted) state = { ...state, help: NO_HELP };
    else if (connection?.send({ type: "help.search", text: helpWanted })) {
      state = { ...state, help: asking(state.help, helpWanted, now) };
    }
  }

  function helpAnswers() {
    try {
      return JSON.parse(memory.get("helped") || "{}");
    } catch {
      return {};
    }
  }

  const command = (type, fields, attachments) => {
    const cid = newCid();
    outbox.add({ type, cid, ...fields }, attachments);
    return cid;
  };
  const own = () => ({ conversation: state.thread.conversation });

  const isOfThread = (frame) => frame.conversation === state.thread.conversation;
  const isRating = (frame) => RATING.has(frame.type) && isOfThread(frame);
  const giveRating = (type, fields) => {
    const cid = command(type, { ...own(), ...fields });
    ratings = [...ratings, { type, cid, ...own(), ...fields }];
    onChange();
  };
  const isUnsettled = ({ cid }) => outbox.all().some((item) => item.cid === cid);
  const forgetRating = (cid) => {
    ratings = ratings.filter((one) => one.cid !== cid);
    outbox.discard(cid);
  };

  window.addEventListener("storage", (event) => {
    // Another tab of this visitor began: this one follows.
    if (event.key === memory.name("token") && event.newValue) start();
  });

  const session = {
    get state() {
      return state;
    },
    /** There is a history, but it has not come yet. */
    get loading() {
      return memory.get("token") !== "" && !state.loaded && !state.thread.entries.length;
    },
    /** "idle" before the panel was opened for the first time, else the connection's. */
    get line() {
      return line;
    },
    get pending() {
      return pendingEntries(state.thread, outbox.all(), VISITOR);
    },
    /** The unanswered command of this type, or null. */
    unanswered: (type) => outbox.all().findLast((item) => item.frame.type === type && item.state !== "sent") ?? null,
    get topic() {
      return topic;
    },
    get contactSentTo() {
      return contactSentTo;
    },
    /** Where the kept question of this conversation is answered to; empty while no address was left. */
    get keptAnswerTo() {
      const [conversation, email] = memory.get("kept").split(" ");
      return conversation === state.thread.conversation ? email : "";
    },
    start,
    /** Whether there is something to be connected for although the panel is closed. */
    hasBusiness: () => memory.get("token") !== "" || outbox.all().length > 0,
    /** The bearer token, once there is one. @returns {Promise<string>} */
    token() {
      const token = memory.get("token");
      return token ? Promise.resolve(token) : new Promise((resolve) => tokenWaiters.push(resolve));
    },
    retry: outbox.retry,
    discard: outbox.discard,
    reconnect: () => connection?.poll(),

    say(body, attachments) {
      const begins = state.thread.conversation === null || state.thread.state === "closed";
      const fields = { body, attachments: attachments.map((one) => one.id), topic: begins ? topic : null };
      command("message.send", fields, attachments);
      topic = null;
      typingAt = 0;
    },
    chooseTopic(slug) {
      if (state.thread.conversation !== null && !state.fresh) command("topic.choose", { ...own(), topic: slug });
      else topic = topic === slug ? null : slug;
      onChange();
    },
    leave: () => command("conversation.leave", own()),
    /** What was answered of how it was: what the server has, and what this page and its outbox gave since. */
    get rated() {
      const { rating, answers } = state.thread;
      const given = { mark: rating?.mark ?? null, comment: rating?.comment ?? "", at: rating?.at ?? null, answers };
      return withUnsent(given, [...ratings.filter(isOfThread), ...outbox.all().map((item) => item.frame).filter(isRating)]);
    },
    /** The first of those answers that did not arrive, or null. */
    get ratingFailure() {
      const failed = outbox.all().find((item) => isRating(item.frame) && item.state === "failed");
      if (!failed) return null;
      const { cid, refused, message } = failed;
      return { refused, message, retry: () => outbox.retry(cid), drop: () => forgetRating(cid) };
    },
    giveMark: (mark) => giveRating("rating.give", { mark }),
    giveComment: (comment) => giveRating("rating.give", { mark: session.rated.mark, comment }),
    answerQuestion: (question, answer) => giveRating("rating.answer", { question, answer }),
    /** The question is in sight: told once per page and conversation. */
    noteRatingShown() {
      const { conversation } = state.thread;
      if (shownFor !== conversation && connection?.send({ type: "rating.shown", ...own() })) shownFor = conversation;
    },
    contactDraft,
    keepContact: (form) => memory.set("contact", JSON.stringify(form)),
    sendContact(form) {
      contactSentTo = "";
      command("contact.send", form);
    },
    writeContactAgain() {
      contactSentTo = "";
      onChange();
    },
    /** Looks for articles that answer what is being written. @param {string} text */
    seekHelp(text) {
      helpWanted = searchable(text);
      clearTimeout(helpTimer);
      helpTimer = setTimeout(() => {
        askForHelp();
        onChange();
      }, HELP_AFTER_MS);
    },
    /** Whether this article helped, as the visitor said it; null: not said. @returns {boolean | null} */
    helped: (article) => helpAnswers()[article] ?? null,
    rateHelp(article, helped) {
      const { [article]: _, ...others } = helpAnswers();
      const kept = [...Object.entries(others), [article, helped]].slice(-KEPT_HELP_ANSWERS);
      memory.set("helped", JSON.stringify(Object.fromEntries(kept)));
      command("help.rate", { article, helped });
    },
    beginFresh() {
      state = { ...state, fresh: true };
      onChange();
    },
    /** At most one every 2 s while writing; "stopped" goes out at once. */
    typing(active) {
      if (state.thread.conversation === null || state.thread.state === "closed") return;
      const now = clock.now();
      if (active ? now - typingAt < TYPING_EVERY_MS : typingAt === 0) return;
      typingAt = active ? now : 0;
      connection?.send({ type: "typing.set", ...own(), typing: active });
    },
    visitPage: (page) => connection?.send({ type: "page.visit", page }),
    /** Everything on screen has been read. */
    markRead() {
      const upto = lastIncoming(state.thread);
      if (upto <= Math.max(readSent, state.thread.reads.visitor)) return;
      if (connection?.send({ type: "read.mark", ...own(), upto })) readSent = upto;
    },
  };
  return session;
}
