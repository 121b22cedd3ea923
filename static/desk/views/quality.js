// The ways to the pages about quality, with what is new there.

import { html, usePhrase, useSession } from "./base.js";
import { Icon } from "./icons.js";

export function QualityLinks() {
  const { desk, config } = useSession();
  const phrase = usePhrase();
  const { open, late } = desk.followUps ?? { open: 0, late: 0 };
  const isNews = desk.unread > 0;
  return html`
    ${
      config.follow_ups_path &&
      html`<a class="to-wallboard" href=${config.follow_ups_path} target="desk-page">
        <${Icon} name="return" />${phrase("follow_ups")}
        ${open > 0 && html`<span class="badge">${phrase("follow_ups.open", { count: open })}</span>`}
        ${late > 0 && html`<span class="badge is-late">▲ ${phrase("follow_ups.late", { count: late })}</span>`}
      </a>
      <a class="to-wallboard" href=${config.reviews_path} target="desk-page">
        <${Icon} name="read" />${phrase("reviews")}</a>`
    }
    ${
      (!config.follow_ups_path || isNews) &&
      html`<a class="to-wallboard" href=${config.coaching_path} target="desk-page">
        <${Icon} name="whisper" />${phrase("coaching")}
        ${isNews && html`<span class="badge">${phrase("coaching.unread", { count: desk.unread })}</span>`}
      </a>`
    }`;
}
