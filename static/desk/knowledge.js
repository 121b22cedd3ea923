// What the knowledge base answers, as frames tell it, and what follows from the words: how sure, why, what is still to be
// said. Pure: no page, no timers.

/** Articles that were opened stay at hand, per page. */
const ARTICLES_HELD = 30;
/** A word counts by its beginning, so that "shipping" is found in "shipped". */
const STEM_LETTERS = 5;
/** Shorter words carry little, unless they hold a number. */
const WORD_LETTERS = 3;
/** Nor do these. */
const LIGHT_WORDS = new Set("the and for not are has you any all can its een het van met dat die niet ook wel per".split(" "));
/** From so many letters on a word is met in longer ones, too. */
const PREFIX_LETTERS = 4;
/** This share of a point's words, or of a reply's, must occur. */
const MENTIONED_SHARE = 0.6;
const KEPT_SHARE = 0.34;
/** From this confidence on an answer is called likely, and very likely. */
const LIKELY = 0.5;
const VERY_LIKELY = 0.85;

/**
 * @typedef {object} Suggestion
 * @property {string} article
 * @property {string} language
 * @property {string} title
 * @property {string} reply  filled: what it names is today's
 * @property {string[]} missing  what nothing was known for: it stands in the reply as {name}
 * @property {string[]} points  what must be mentioned
 * @property {{field: "title" | "question" | "text", words: string[], question: string}} because
 * @property {number} confidence  0 to 1
 * @property {boolean} is_overdue
 * @property {boolean} is_expired
 *
 * @typedef {object} Inserted  an answer in a draft: what counts as used when it is sent
 * @property {string} article
 * @property {string} title
 * @property {string} reply
 * @property {string[]} missing  with their braces
 * @property {string[]} points
 * @property {string[]} ticked  by hand
 * @property {string[]} unticked  by hand, although their words occur
 * @property {number} seq  of the turn that it answers
 * @property {number | null} rank  1 is the first; null when it was searched for
 */

/** Frame type → what it changes in the desk's state. The session says whether suggestions are for typed words. */
export const KNOWLEDGE_CHANGES = {
  suggestions(state, { typed, ...frame }) {
    const known = state.suggested.get(frame.conversation);
    const held = typed ? { turn: known?.turn ?? null, typed: frame } : { turn: frame, typed: null };
    return { state: { ...state, suggested: new Map(state.suggested).set(frame.conversation, held) } };
  },

  articles: (state, frame) => ({ state: { ...state, found: frame } }),

  article(state, frame) {
    const others = [...state.articles].filter(([id]) => id !== frame.article).slice(1 - ARTICLES_HELD);
    return { state: { ...state, articles: new Map([...others, [frame.article, frame]]) } };
  },
};

/** The suggestions to show: those for the typed words only while they are likely ones, else those for the turn.
 * @param {{turn: object | null, typed: object | null} | undefined} held @param {boolean} isTyping */
export function suggestionsNow(held, isTyping) {
  const typed = isTyping && held?.typed?.suggestions[0]?.confidence >= LIKELY ? held.typed : null;
  return typed ?? held?.turn ?? null;
}

/** @param {number} confidence 0 to 1 @returns {"very_likely" | "likely" | "perhaps"} */
export function sureness(confidence) {
  return confidence >= VERY_LIKELY ? "very_likely" : confidence >= LIKELY ? "likely" : "perhaps";
}

/** The number of the visitor's first message after the last answer; of the last one when all is answered; or null. */
export function turnOf(thread) {
  let turn = null;
  let isAnswered = true;
  for (const { type, sender, seq, deleted } of thread?.entries ?? []) {
    if (type !== "message.sent") continue;
    if (sender.kind !== "visitor") isAnswered = isAnswered || ["operator", "specialist"].includes(sender.kind);
    else if (!deleted) {
      if (isAnswered) turn = seq;
      isAnswered = false;
    }
  }
  return turn;
}

/** Letters and digits without case, width and accents. Same length is not promised. */
function evened(text) {
  return text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
}

function wordsIn(text) {
  return evened(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What a text must hold to mention a point: beginnings of its words; pairs of letters where words are not parted. */
function marksOf(text) {
  const words = wordsIn(text);
  const unparted = words.filter((word) => /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(word));
  const pairs = unparted.flatMap((word) => [...word].slice(1).map((letter, at) => [...word][at] + letter));
  const parted = words.filter((word) => !unparted.includes(word));
  const heavy = parted.filter(
    (word) => /\p{N}/u.test(word) || (word.length >= WORD_LETTERS && !LIGHT_WORDS.has(word)),
  );
  return [...new Set([...(heavy.length || pairs.length ? heavy : parted), ...pairs])];
}

function shareOf(marks, text) {
  if (!marks.length) return 0;
  const words = wordsIn(text);
  const whole = words.join(" ");
  const stems = new Set(words.map((word) => word.slice(0, STEM_LETTERS)));
  const occurs = (mark) =>
    /\p{N}/u.test(mark)
      ? words.includes(mark)
      : stems.has(mark.slice(0, STEM_LETTERS)) || (mark.length === 2 && whole.includes(mark));
  return marks.filter(occurs).length / marks.length;
}

/** Whether a draft says what a point asks for; what is still to be filled in says nothing. */
export function isMentioned(point, text) {
  return shareOf(marksOf(point), text.replace(/\{[^{}]*\}/g, " ")) >= MENTIONED_SHARE;
}

/** Each point of the answers in a draft, ticked or not. @param {Inserted[]} inserted @param {string} text
 * @returns {{article: string, point: string, isTicked: boolean}[]} */
export function pointsOf(inserted, text) {
  return inserted.flatMap(({ article, points, ticked, unticked }) =>
    points.map((point) => ({
      article,
      point,
      isTicked: ticked.includes(point) || (!unticked.includes(point) && isMentioned(point, text)),
    })),
  );
}

/** How many points an answer asks for, and how many of them are ticked. @param {Inserted} one @param {string} text
 * @returns {{points: number, mentioned: number}} */
export function mentionedIn(one, text) {
  const points = pointsOf([one], text);
  return { points: points.length, mentioned: points.filter(({ isTicked }) => isTicked).length };
}

/** Ticks a point by hand, or takes its tick away. @returns {Inserted[]} */
export function withTick(inserted, article, point, isTicked) {
  return inserted.map((one) => {
    if (one.article !== article) return one;
    const others = (points) => points.filter((other) => other !== point);
    return {
      ...one,
      ticked: isTicked ? [...others(one.ticked), point] : others(one.ticked),
      unticked: isTicked ? others(one.unticked) : [...others(one.unticked), point],
    };
  });
}

/** What an answer becomes in a draft. @param {Suggestion} suggestion @returns {Inserted} */
export function insertedFrom({ article, title, reply, missing, points }, seq, rank) {
  return { article, title, reply, missing: placeholders(missing), points, ticked: [], unticked: [], seq, rank };
}

/** As they stand in a reply. @param {string[]} missing */
export function placeholders(missing) {
  return missing.map((name) => `{${name}}`);
}

/** The answers of which enough is still there to say that they were used. @returns {Inserted[]} */
export function usedIn(inserted, text) {
  return inserted.filter(({ reply }) => shareOf(marksOf(reply), text) >= KEPT_SHARE);
}

/** What is still to be filled in: placeholders that stand in the text, in its order. @returns {string[]} */
export function openPlaceholders(inserted, text) {
  const all = [...new Set(inserted.flatMap(({ missing }) => missing))];
  return all.filter((name) => text.includes(name)).sort((a, b) => text.indexOf(a) - text.indexOf(b));
}

/** An answer put at the cursor: with a space to what stands beside it, where a space belongs.
 * @param {string} before @param {string} reply @param {string} after */
export function spaced(before, reply, after) {
  const parts = (text) => /[\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff01-\uff1f]/u.test(text);
  const left = before && !parts(before.at(-1)) ? " " : "";
  const right = after && !parts(after[0]) ? " " : "";
  return left + reply + right;
}

/** A text in pieces, with those marked that begin one of the words. @returns {{text: string, isMarked: boolean}[]} */
export function marked(text, words) {
  const known = words.map((word) => evened(word)).filter(Boolean);
  const isKnown = (word) => {
    const even = evened(word);
    return known.some((one) => even === one || (one.length >= PREFIX_LETTERS && even.startsWith(one)));
  };
  const pieces = text.match(/[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+/gu) ?? [];
  return pieces.flatMap((piece) => {
    if (isKnown(piece)) return [{ text: piece, isMarked: true }];
    const inside = known.find((one) => /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(one) && piece.includes(one));
    if (!inside) return [{ text: piece, isMarked: false }];
    const [before, ...rest] = piece.split(inside);
    return [
      { text: before, isMarked: false },
      { text: inside, isMarked: true },
      { text: rest.join(inside), isMarked: false },
    ].filter((part) => part.text);
  });
}

/** A text in pieces, with the placeholders marked that nothing was known for. @param {string[]} missing names */
export function withPlaceholders(text, missing) {
  const pieces = [{ text, isMarked: false }];
  for (const name of placeholders(missing)) {
    for (let at = 0; at < pieces.length; at++) {
      const { text: piece, isMarked } = pieces[at];
      const found = isMarked ? -1 : piece.indexOf(name);
      if (found < 0) continue;
      const parts = [piece.slice(0, found), name, piece.slice(found + name.length)];
      const split = parts.map((part, index) => ({ text: part, isMarked: index === 1 }));
      pieces.splice(at, 1, ...split.filter((part) => part.text));
    }
  }
  return pieces;
}
