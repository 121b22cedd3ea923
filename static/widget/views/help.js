import { useEffect, useRef, useState } from "preact/hooks";

import { textNodes } from "../../shared/text.js";
import { html } from "../html.js";
import { say } from "../page.js";
import { DownIcon } from "./icons.js";

/** Below the question on the offline form: what may answer it at once. What surely does is unfolded. */
export function HelpFound({ session }) {
  const { articles, isSure } = session.state.help;
  return html`
    <div class="help">
      <p class="help-heading" role="status">${articles.length > 0 && say("help.found", { count: articles.length })}</p>
      ${articles.length > 0 && html`<${HelpArticles} session=${session} articles=${articles} opened=${isSure ? articles[0].article : null} />`}
    </div>
  `;
}

/** For whoever waits: one line, to be unfolded. */
export function HelpWhileWaiting({ session, articles }) {
  return html`
    <details class="help help-waiting">
      <summary class="help-summary"><span>${say("help.waiting", { count: articles.length })}</span><${DownIcon} /></summary>
      <${HelpArticles} session=${session} articles=${articles} />
    </details>
  `;
}

/** `opened`: the article that is unfolded from the beginning. */
function HelpArticles({ session, articles, opened = null }) {
  return html`
    <ul class="help-articles">
      ${articles.map(
        ({ article, title, reply }) => html`
          <li key=${article}>
            <details class="help-article" open=${article === opened}>
              <summary class="help-summary"><span dir="auto">${title}</span><${DownIcon} /></summary>
              <p class="help-reply" dir="auto">${textNodes(reply)}</p>
              <${HelpQuestion} session=${session} article=${article} title=${title} />
            </details>
          </li>
        `,
      )}
    </ul>
  `;
}

/** Did this help? What is answered ends nothing. `title`: of the article, where several are asked about. */
export function HelpQuestion({ session, article, title = "" }) {
  const [isNew, setNew] = useState(false);
  const thanks = useRef(null);
  const helped = session.helped(article);
  useEffect(() => {
    if (isNew) thanks.current?.focus();
  }, [isNew]);

  if (helped !== null) {
    return html`<p class="help-thanks" role="status" tabindex="-1" ref=${thanks}>${say(helped ? "help.thanks.yes" : "help.thanks.no")}</p>`;
  }
  const rate = (value) => () => {
    session.rateHelp(article, value);
    setNew(true);
  };
  return html`
    <div class="help-question" role="group" aria-label=${title ? say("help.question_about", { title }) : say("help.question")}>
      <span>${say("help.question")}</span>
      <button class="small-button" type="button" onClick=${rate(true)}>${say("help.yes")}</button>
      <button class="small-button" type="button" onClick=${rate(false)}>${say("help.no")}</button>
    </div>
  `;
}
