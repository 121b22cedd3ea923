import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { say } from "../page.js";

/**
 * @param {{topics: {slug: string, label: string}[], chosen: string | null, focus?: boolean, onChoose: (slug: string) => void}} props
 *   `focus`: they take the place of the button that asked for them
 */
export function TopicChips({ topics, chosen, focus = false, onChoose }) {
  const box = useRef(null);
  useEffect(() => {
    if (focus) box.current.querySelector("button").focus();
  }, []);
  return html`
    <div class="topics" role="group" aria-label=${say("topic.question")} key="topics" ref=${box}>
      <p class="topics-question">${say("topic.question")}</p>
      ${topics.map(
        ({ slug, label }) => html`
          <button class="chip" type="button" key=${slug} aria-pressed=${chosen === slug} onClick=${() => onChoose(slug)}>
            ${label}
          </button>
        `,
      )}
    </div>
  `;
}
