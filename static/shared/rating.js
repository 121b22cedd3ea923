// What a visitor is asked when a conversation has ended, step by step. Pure: what was asked and answered in, the step out.

/** Steps that every asking has, around the questions of this one. */
export const MARK = "mark";
export const COMMENT = "comment";
export const HIGHEST_MARK = 10;
const CHANGE_WITHIN_SECONDS = 15 * 60;

/**
 * @typedef {object} Given
 * @property {number | null} mark
 * @property {string} comment
 * @property {string | null} at  when the first mark was given
 * @property {Record<string, number | null | undefined>} answers  by question; null: skipped
 */

/** The steps of an asking, in order. @param {import("./thread.js").Question[]} questions @returns {string[]} */
export function stepsOf(questions) {
  return [MARK, ...questions.map((one) => one.question), COMMENT];
}

/**
 * What is given, with what is still on its way on top of it: commands in the order in which they were sent.
 * @param {Given} given
 * @param {object[]} commands
 * @returns {Given}
 */
export function withUnsent(given, commands) {
  return commands.reduce((so_far, command) => {
    if (command.type === "rating.give") {
      const answers = { ...so_far.answers, [MARK]: undefined };
      return { ...so_far, mark: command.mark, comment: command.comment ?? so_far.comment, answers };
    }
    return { ...so_far, answers: { ...so_far.answers, [command.question]: command.answer } };
  }, given);
}

/** Whether a step has its answer, or was skipped. */
function isDone(step, given) {
  if (step === MARK) return given.mark !== null || given.answers[MARK] === null;
  if (step === COMMENT && given.comment) return true;
  return given.answers[step] !== undefined;
}

/**
 * The first step that is open; "declined" when the visitor would rather not, "thanks" when all is answered or skipped.
 * @param {string[]} steps
 * @param {Given} given
 */
export function nextStep(steps, given) {
  if (given.mark === null && given.answers[MARK] === null) return "declined";
  return steps.find((step) => !isDone(step, given)) ?? "thanks";
}

/** Whether answers are still taken. @param {Given} given @param {string | null} until @param {number} now ms, the server's */
export function isOpen(given, until, now) {
  if (given.at) return now - Date.parse(given.at) < CHANGE_WITHIN_SECONDS * 1000;
  return until === null || now <= Date.parse(until);
}
