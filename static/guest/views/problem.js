import { html } from "../html.js";
import { say } from "../page.js";

/** What went wrong with the last thing that was tried. */
export function Problem({ session }) {
  if (!session.problem) return null;
  const words = session.problem === "offline" ? say("problem.offline") : session.problem;
  return html`<p class="problem" role="alert">${words}</p>`;
}
