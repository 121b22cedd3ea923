import { html } from "../html.js";

// 24 × 24, drawn with strokes in the current colour.
const icon =
  (...paths) =>
  () => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    ${paths.map((path) => html`<path key=${path} d=${path} />`)}
  </svg>`;

const CIRCLE = "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17z";

export const SpeechIcon = icon(
  "M12 3.6c5 0 9 3.4 9 7.9s-4 7.9-9 7.9c-1 0-2-.1-2.9-.4L4.6 20.6l.9-3.7C4 15.5 3 13.6 3 11.5c0-4.5 4-7.9 9-7.9z",
  "M8.3 12.7c1 1.2 2.3 1.8 3.7 1.8s2.7-.6 3.7-1.8",
);
export const DownIcon = icon("M6 9.5l6 6 6-6");
export const LeaveIcon = icon("M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4", "M4 12h11", "M11 8l4 4-4 4");
export const SendIcon = icon("M12 19V5.5", "M6 11l6-6 6 6");
export const ImageIcon = icon(
  "M7 4.5h10a3.5 3.5 0 0 1 3.5 3.5v8a3.5 3.5 0 0 1-3.5 3.5H7A3.5 3.5 0 0 1 3.5 16V8A3.5 3.5 0 0 1 7 4.5z",
  "M9 8.4a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2z",
  "M4 17l4.6-4 3.4 2.7 3.7-3.6 4.5 4.2",
);
export const CrossIcon = icon("M6.5 6.5l11 11M17.5 6.5l-11 11");
export const CheckIcon = icon("M5 12.8l4.6 4.4L19 7.5");
export const DoubleCheckIcon = icon("M2.5 12.8l4.3 4.2 8.7-9", "M11.5 16.4l.8.7 8.7-9");
export const ClockIcon = icon(CIRCLE, "M12 7.5V12l3 2");
export const AlertIcon = icon(CIRCLE, "M12 7.8v5", "M12 16.2v.1");
export const MailIcon = icon("M5.5 5.5h13a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2z", "M4 7.5l8 5.6 8-5.6");
export const MoonIcon = icon("M19.5 14.2A8 8 0 1 1 9.8 4.5a6.5 6.5 0 0 0 9.7 9.7z");
