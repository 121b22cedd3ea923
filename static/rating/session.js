// The page behind a mailed link: what it knows, and how each answer reaches the server the moment it is given.

import { newCid } from "../shared/outbox.js";
import { withUnsent } from "../shared/rating.js";

const TIMEOUT_MS = 10_000;
const MOST_COMMANDS = 10;

/**
 * @typedef {{ok: true, frames: object[]} | {ok: false, gone: boolean, message: string}} Answer  `gone`: it opens nothing
 * (any more)
 */

/** The door. The token goes into the body, never into an address. @returns {(commands: object[]) => Promise<Answer>} */
export function openDoor(path, token) {
  return async (commands) => {
    try {
      const response = await fetch(path, {
        method: "POST",
        credentials: "omit",
        // What was tapped arrives although the page is left at once.
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token, commands }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const { frames } = await response.json();
      if (response.ok) return { ok: true, frames };
      return { ok: false, gone: response.status === 404, message: frames[0].message };
    } catch {
      return { ok: false, gone: false, message: "" };
    }
  };
}

/**
 * @param {object} options
 * @param {ReturnType<typeof openDoor>} options.door
 * @param {{get: () => object[], set: (commands: object[]) => void}} options.kept  what is unsent, across a reload
 * @param {object} options.clock
 * @param {() => void} options.onChange
 */
export function openRating({ door, kept, clock, onChange }) {
  let phase = "opening";
  let state = null;
  let problem = "";
  let unsent = kept.get();
  let refused = null;
  let stopped = false;
  let busy = false;

  /** Sends what is unsent, in order; without anything unsent it asks how things are. */
  async function exchange() {
    if (busy) return;
    busy = true;
    problem = "";
    do {
      const commands = unsent.slice(0, MOST_COMMANDS);
      const answer = await door(commands);
      if (!answer.ok) {
        if (answer.gone) phase = "over";
        else if (state === null) phase = "problem";
        problem = answer.message || "failed";
        break;
      }
      for (const frame of answer.frames) heard(frame);
      keep(unsent.slice(commands.length));
    } while (unsent.length);
    busy = false;
    onChange();
  }

  function heard(frame) {
    if (frame.now) clock.observe(frame.now);
    if (frame.type === "rating.state") {
      state = frame;
      phase = "open";
      stopped = stopped || !frame.mails;
    }
    if (frame.type === "error") refused = frame.message;
  }

  function keep(commands) {
    unsent = commands;
    kept.set(unsent);
  }

  const send = (command) => {
    keep([...unsent, command]);
    exchange();
    onChange();
  };
  const give = (type, fields) => send({ type, cid: newCid(), ...fields });

  return {
    exchange,
    /** The page is being left: what waits for an answer to what went before goes out now; the same twice is once. */
    leave: () => unsent.length && state && door(unsent.slice(0, MOST_COMMANDS)),
    get phase() {
      return phase;
    },
    get problem() {
      return problem === "failed" ? "" : problem;
    },
    get stopped() {
      return stopped;
    },
    get asked() {
      return { until: state.until, questions: state.questions };
    },
    get given() {
      const { mark, comment, given_at: at, answers } = state;
      return withUnsent({ mark, comment, at, answers }, unsent.filter((one) => one.type !== "mails.stop"));
    },
    on: {
      mark: (mark) => give("rating.give", { mark }),
      comment: (comment) => give("rating.give", { mark: withUnsent(state, unsent).mark, comment }),
      answer: (question, answer) => give("rating.answer", { question, answer }),
      // The door stores it with every answer it gives.
      shown: () => {},
      get failure() {
        if (refused !== null) return { refused: true, message: refused, retry: exchange, drop: () => ((refused = null), onChange()) };
        if (problem && state) return { refused: false, message: problem === "failed" ? "" : problem, retry: exchange, drop: exchange };
        return null;
      },
    },
    stop: () => ((stopped = true), send({ type: "mails.stop" })),
  };
}
