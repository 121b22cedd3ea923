// Consulting the knowledge base: what is asked of it and when, what is searched and read, and what a sent message used.
// It owns its timers; the words themselves are judged in knowledge.js.

import { newCid } from "../shared/outbox.js";
import { isOwn } from "./state.js";
import { insertedFrom, mentionedIn, suggestionsNow, turnOf, usedIn, withTick } from "./knowledge.js";

/** Messages of one turn come close together, and so do letters. */
const TURN_SETTLES_MS = 120;
const TYPING_SETTLES_MS = 300;
const SEARCH_SETTLES_MS = 150;
/** By then an answer should have come; it is said when none has. */
const PATIENCE_MS = 4_000;
/** Less says nothing yet. */
const TYPED_CHARACTERS = 4;
const ASKED_CHARACTERS = 4_000;
const SEARCHED_CHARACTERS = 300;

/**
 * @param {object} options
 * @param {() => import("./state.js").Desk} options.desk  as it is now
 * @param {(conversation: string) => object} options.address  organisation and conversation of a command
 * @param {(conversation: string) => import("./drafts.js").Draft} options.draft
 * @param {(conversation: string, draft: import("./drafts.js").Draft) => void} options.setDraft
 * @param {(frame: object) => boolean} options.send  false when there is no line
 * @param {{add: (frame: object) => void, all: () => object[], settle: (cid: string) => void}} options.outbox
 * @param {(key: string) => void} options.say  a passing remark
 * @param {() => void} options.onChange
 */
export function openConsulting({ desk, address, draft, setDraft, send, outbox, say, onChange }) {
  /** Conversation → what its suggestions were last asked for, and whether that is for typed words. */
  const asked = new Map();
  /** Message's cid → what it used, until it is acked. */
  const uses = new Map();
  const flagged = new Set();
  let late = null;
  let asking = null;
  let patience = null;
  let searching = null;
  let search = null;
  let chosen = 0;
  let reading = [];

  /** What the open conversation's suggestions should be for; null where none are wanted. */
  function wanted(conversation) {
    if (!conversation || !isConsultable(conversation)) return null;
    const turn = turnOf(desk().threads.get(conversation));
    const last = desk().threads.get(conversation)?.entries.findLast(({ sender }) => sender.kind === "visitor")?.seq;
    const { mode, reply, inserted } = draft(conversation);
    const typed = reply.trim().slice(0, ASKED_CHARACTERS);
    const isTyping = isOwn(desk(), conversation) && mode === "reply" && typed.length >= TYPED_CHARACTERS;
    // What was inserted is itself the answer: the choice stays as it was.
    if (isTyping && inserted.length) return asked.get(conversation) ?? { key: `turn ${last}`, text: null };
    if (isTyping) return { key: `typed ${typed}`, text: typed };
    return turn === null ? null : { key: `turn ${last}`, text: null };
  }

  function isConsultable(conversation) {
    const state = desk();
    const row = state.rows.get(conversation);
    const organisation = state.organisations.get(state.places.get(conversation));
    return Boolean(row && organisation && organisation.answers !== false);
  }

  function ask(conversation, want) {
    asked.set(conversation, want);
    clearTimeout(patience);
    if (!send({ type: "suggestions.fetch", ...address(conversation), text: want.text })) return giveUp(conversation);
    patience = setTimeout(() => giveUp(conversation), PATIENCE_MS);
  }

  /** Until there is something else to ask. Those for typed words are not missed. */
  function giveUp(conversation) {
    const { key, text } = asked.get(conversation);
    if (text !== null) return;
    asked.delete(conversation);
    late = { conversation, key };
    onChange();
  }

  function cleared() {
    search = null;
    clearTimeout(searching);
  }

  const post = (type, conversation, more) => outbox.add({ type, ...address(conversation), cid: newCid(), ...more });

  const consulting = {
    /** After every change: asks for suggestions when the open conversation's turn, or what is typed there, is news. */
    follow() {
      const conversation = desk().selected;
      const want = wanted(conversation);
      clearTimeout(asking);
      const known = late?.conversation === conversation ? late : asked.get(conversation);
      if (!want || known?.key === want.key) return;
      const settles = want.text === null ? TURN_SETTLES_MS : TYPING_SETTLES_MS;
      asking = setTimeout(() => ask(conversation, want), settles);
    },

    /** A frame that is about the knowledge base, before it changes the state. @returns {object} the frame */
    heard(frame) {
      if (frame.type === "welcome") {
        asked.clear();
        late = null;
      } else if (frame.type === "suggestions") {
        clearTimeout(patience);
        if (late?.conversation === frame.conversation) late = null;
        return { ...frame, typed: asked.get(frame.conversation)?.text !== null };
      } else if (frame.type === "gap.noted") {
        flagged.add(`${frame.conversation} ${frame.seq}`);
        outbox.settle(frame.cid);
        say("gap.noted");
      } else if (frame.type === "article.noted") {
        outbox.settle(frame.cid);
        say("report.noted");
      }
      return frame;
    },

    /** Whether the open conversation's suggestions have failed. */
    isLate: (conversation) => late?.conversation === conversation,
    isConsultable,
    tryAgain() {
      late = null;
      consulting.follow();
      onChange();
    },

    /** Whether those shown are for what is being typed. */
    isForTyped: (conversation) => {
      const shown = consulting.now(conversation);
      return shown !== null && shown === desk().suggested.get(conversation)?.typed;
    },
    /** The `suggestions` frame to show, or null while there is none. */
    now(conversation) {
      const { mode, reply, inserted } = draft(conversation);
      const isTyping = mode === "reply" && reply.trim().length >= TYPED_CHARACTERS && !inserted.length;
      return suggestionsNow(desk().suggested.get(conversation), isTyping);
    },

    /** What a key inserts: the article that lies open; else what was found, while somebody searches; else suggestions.
     * @param {number} rank 1 is the first @returns {{suggestion: object, rank: number | null} | null} */
    offered(conversation, rank) {
      const article = desk().articles.get(consulting.reading);
      if (consulting.reading) {
        const isThis = article && rank === 1;
        return isThis ? { suggestion: article, rank: consulting.rankOf(conversation, article.article) } : null;
      }
      const list = search === null ? consulting.now(conversation)?.suggestions : consulting.found(conversation);
      const suggestion = list?.[rank - 1];
      return suggestion ? { suggestion, rank: search === null ? rank : null } : null;
    },
    /** The place of an article among the suggestions; null when it was found otherwise. */
    rankOf(conversation, article) {
      const suggestions = consulting.now(conversation)?.suggestions ?? [];
      const at = search === null ? suggestions.findIndex((suggestion) => suggestion.article === article) : -1;
      return at < 0 ? null : at + 1;
    },

    /** The turn that an answer inserted now would be for; 0 when the visitor said nothing. */
    turn: (conversation) => consulting.now(conversation)?.seq ?? turnOf(desk().threads.get(conversation)) ?? 0,

    /** The draft holds an answer from now on. @param {object} suggestion @param {number | null} rank */
    inserted(conversation, suggestion, rank) {
      const known = draft(conversation);
      const others = known.inserted.filter(({ article }) => article !== suggestion.article);
      const one = insertedFrom(suggestion, consulting.turn(conversation), rank);
      cleared();
      reading = [];
      setDraft(conversation, { ...known, inserted: [...others, one] });
    },
    tick(conversation, article, point, isTicked) {
      const known = draft(conversation);
      setDraft(conversation, { ...known, inserted: withTick(known.inserted, article, point, isTicked) });
    },

    /** A message goes out: what it used is told once it is stored. */
    sent(cid, conversation, body) {
      const used = usedIn(draft(conversation).inserted, body).map((one) => ({ ...one, ...mentionedIn(one, body) }));
      if (used.length) uses.set(cid, { conversation, used });
    },
    stored(cid) {
      const { conversation, used } = uses.get(cid) ?? { used: [] };
      uses.delete(cid);
      for (const { seq, article, rank, points, mentioned } of used) {
        if (seq > 0) send({ type: "suggestion.use", ...address(conversation), seq, article, rank, points, mentioned });
      }
    },

    /** What is searched for, or null. */
    get search() {
      return search;
    },
    /** @param {string | null} text  "" asks for what is used most */
    find(conversation, text) {
      clearTimeout(searching);
      search = text;
      chosen = 0;
      if (text !== null) {
        const language = desk().rows.get(conversation)?.language ?? "";
        const command = { text: text.trim().slice(0, SEARCHED_CHARACTERS), language };
        const frame = { type: "articles.search", ...address(conversation), ...command };
        searching = setTimeout(() => send(frame) || say("not_connected"), text ? SEARCH_SETTLES_MS : 0);
      }
      onChange();
    },

    /** What the search found, or null until it has. Another organisation's articles are not to be had here. */
    found(conversation) {
      const { organisation, articles } = desk().found ?? {};
      return organisation === desk().places.get(conversation) ? articles : null;
    },
    /** Which of those found the arrows stand on, from 0. */
    get chosen() {
      return chosen;
    },
    choose(index) {
      chosen = index;
      onChange();
    },

    /** The article that lies open, or null. */
    get reading() {
      return reading.at(-1) ?? null;
    },
    read(conversation, article) {
      reading = [...reading.filter((id) => id !== article), article];
      if (!send({ type: "article.fetch", ...address(conversation), article })) say("not_connected");
      onChange();
    },
    back() {
      reading = reading.slice(0, -1);
      onChange();
    },
    /** Another conversation was opened. */
    left() {
      reading = [];
      cleared();
    },

    report: (conversation, article, kind, note) => post("article.report", conversation, { article, kind, note }),

    /** Whether this turn was said to lack an article, or is being said so. */
    isFlagged: (conversation, seq) =>
      flagged.has(`${conversation} ${seq}`) ||
      outbox
        .all()
        .some(({ frame }) => frame.type === "gap.flag" && frame.conversation === conversation && frame.seq === seq),
    flag(conversation) {
      const seq = consulting.turn(conversation);
      if (seq > 0 && !consulting.isFlagged(conversation, seq)) post("gap.flag", conversation, { seq });
    },
  };
  return consulting;
}
