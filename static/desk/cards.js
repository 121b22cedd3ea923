// Client cards: what an operator must have read before conversations of a client come. Pure.

/**
 * @typedef {{tone: string, dos: string, donts: string, specialists: string}} CardText
 * @typedef {{organisation: string, version: number, published_at: string, text: CardText, confirmed: number | null,
 *   before: CardText | null}} Card  as in the `card` frame
 */

export const PARTS = ["tone", "dos", "donts", "specialists"];

/** Frame type → what it changes in the desk's state. */
export const CARD_CHANGES = {
  card: (state, frame) => ({ state: { ...state, cards: new Map(state.cards).set(frame.organisation, frame) } }),

  "card.changed"(state, frame) {
    const cards = new Map(state.cards);
    cards.delete(frame.organisation);
    return { state: put({ ...state, cards }, frame.organisation, { version: frame.version }) };
  },

  "card.confirmed"(state, frame) {
    if (frame.operator !== state.operator.id) return { state };
    return { state: put(state, frame.organisation, { confirmed: frame.version }) };
  },
};

/** A late frame never turns a version back. */
function put(state, slug, change) {
  const organisation = state.organisations.get(slug);
  if (!organisation) return state;
  const known = organisation.card ?? { version: 0, confirmed: null };
  const card = {
    version: Math.max(known.version, change.version ?? 0),
    confirmed: change.confirmed === undefined ? known.confirmed : Math.max(known.confirmed ?? 0, change.confirmed),
  };
  return { ...state, organisations: new Map(state.organisations).set(slug, { ...organisation, card }) };
}

/** @returns {boolean} whether no new conversations of this client come, because its card is not confirmed */
export function isUnconfirmed(organisation) {
  return Boolean(organisation.card && organisation.card.confirmed !== organisation.card.version);
}

/** The cards to read, in the order of the clients. */
export function unconfirmed(state) {
  return [...state.organisations.values()].filter(isUnconfirmed);
}

/**
 * The lines of one part of a card, each with whether it is new since the version that was confirmed before.
 * @param {string} text @param {string | undefined} before  undefined: nothing was confirmed, so nothing counts as new
 * @returns {{text: string, isNew: boolean}[]}
 */
export function linesOf(text, before) {
  const known = before === undefined ? null : new Set(split(before));
  return split(text).map((line) => ({ text: line, isNew: known !== null && !known.has(line) }));
}

function split(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
