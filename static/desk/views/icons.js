// Line icons on a 24-unit grid, drawn in the colour of the text.

import { html } from "./base.js";

const PATHS = {
  answers: "M4 5.5c3-1 6-.6 8 1.2 2-1.8 5-2.2 8-1.2v12.7c-3-1-6-.6-8 1.2-2-1.8-5-2.2-8-1.2zM12 6.7v12.7",
  away: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
  back: "M15 5l-7 7 7 7",
  clip: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  close: "M6 6l12 12M18 6L6 18",
  done: "M5 12.5l4.5 4.5L19 7.5",
  down: "M12 5v14m-6-6l6 6 6-6",
  edit: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19z",
  facts: "M12 11v6m0-9.5v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  flag: "M6 21V4h11l-2 4 2 4H6",
  help: "M9.2 9.2a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.1-1.5 2.2m0 3v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  leave: "M14 4H6v16h8M10 12h11m-4-4l4 4-4 4",
  board: "M4 5h16v11H4zM9 20h6M12 16v4M8 12V9m4 3V8m4 4v-2",
  notice: "M5 10v4h3l7 4V6L8 10zM18.5 9.5a4 4 0 0 1 0 5",
  note: "M5 4h14v11l-5 5H5zM14 20v-5h5M8.5 9h7M8.5 12.5h4",
  pause: "M9 6v12M15 6v12",
  read: "M2.5 12.5L7 17l9-9.5M11 16l1 1 9-9.5",
  remove: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13",
  return: "M9 13L4 8l5-5M4 8h10a6 6 0 0 1 0 12h-4",
  search: "M16 16l4.5 4.5M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0z",
  send: "M4 12l16-8-5.5 16-3-6.5z",
  settings: "M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  silent: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5m0-5l-5 5",
  whisper: "M4 5h16v11h-9l-4 4v-4H4zM8.5 10.5v.01M12 10.5v.01M15.5 10.5v.01",
};

export function Icon({ name }) {
  return html`<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.7"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    <path d=${PATHS[name]} />
  </svg>`;
}

/** A button that shows an icon only; its label is spoken, and appears under the pointer. */
export function IconButton({ icon, label, ...more }) {
  return html`<button type="button" class="icon-button" aria-label=${label} title=${label} ...${more}>
    <${Icon} name=${icon} />
  </button>`;
}
