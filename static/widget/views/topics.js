import { html } from "../html.js";
import { say } from "../page.js";

/** @param {{topics: {slug: string, label: string}[], chosen: string | null, onChoose: (slug: string) => void}} props */
export function TopicChips({ topics, chosen, onChoose }) {
  return html`
    <div class="topics" role="group" aria-label=${say("topic.question")} key="topics">
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
