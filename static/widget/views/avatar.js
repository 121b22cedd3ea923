import { useRef } from "preact/hooks";

import { html } from "../html.js";

/** The first letters of up to two words; of a name without spaces its first character. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0].toLocaleUpperCase()).join("");
}

const RING = 2 * Math.PI * 22;

/**
 * Initials in a circle. While somebody is awaited a ring runs around it for as many seconds as the promise lasts.
 * @param {{name: string, size?: "small" | "large", wait?: {key: string, seconds: number, share: number} | null}} props
 *   `share` of the time that has passed
 */
export function Avatar({ name, size = "small", wait = null }) {
  // The browser runs the ring; where it began must not move under it while the page is drawn again.
  const begun = useRef({ key: null, share: 0 });
  if (wait && begun.current.key !== wait.key) begun.current = wait;
  const over = wait !== null && wait.share >= 1;
  const timing = over ? {} : { animationDuration: `${wait?.seconds}s`, animationDelay: `${-wait?.seconds * begun.current.share}s` };
  return html`
    <span class="avatar avatar-${size}" aria-hidden="true">
      <span class="avatar-letters">${initials(name)}</span>
      ${wait &&
      html`<svg class="avatar-ring" viewBox="0 0 48 48" key=${wait.key}>
        <circle cx="24" cy="24" r="22" class="ring-track" />
        <circle cx="24" cy="24" r="22" class=${over ? "ring-over" : "ring-run"}
          style=${{ strokeDasharray: RING, "--ring": `${RING}px`, ...timing }} />
      </svg>`}
    </span>
  `;
}
