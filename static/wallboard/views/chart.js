// The day by half hour: how turns went, as bars, and how many conversations began, as a line. Each bar opens.

import { bars } from "../board.js";
import { html, useSession } from "./base.js";

const WIDTH = 960;
const HEIGHT = 200;
const LEFT = 34;
const BELOW = 24;
const ABOVE = 10;
const LABEL_EVERY = 6;
const GAP = 3;

export function Chart({ board }) {
  const session = useSession();
  const { clock, phrase } = session;
  const drawn = bars(board.half_hours, WIDTH, HEIGHT);
  const isEmpty = drawn.bars.every((bar) => bar.kept + bar.broken + bar.begun === 0);
  const line = drawn.bars.map((bar) => `${bar.x + drawn.step / 2},${bar.begunAt}`).join(" ");
  const box = `${-LEFT} ${-ABOVE} ${WIDTH + LEFT} ${HEIGHT + ABOVE + BELOW}`;
  return html`<section class="panel chart-panel">
    <header><h2>${phrase("half_hours")}</h2>
      <p class="legend">${["kept", "broken", "begun"].map(
        (name) => html`<span key=${name}><i class=${`is-${name}`}></i>${phrase(`chart.${name}`)}</span>`,
      )}</p></header>
    <svg class="chart" viewBox=${box} role="group" aria-label=${phrase("half_hours.explained")}>
      ${[0, drawn.top / 2, drawn.top].map((count) => {
        const y = HEIGHT - (count / drawn.top) * HEIGHT;
        return html`<g key=${count} class="axis"><line x1="0" x2=${WIDTH} y1=${y} y2=${y} />
          <text x="-8" y=${y + 4}>${count}</text></g>`;
      })}
      ${drawn.bars.map(
        (bar, index) => html`<${Bar} key=${bar.starts_at} bar=${bar} step=${drawn.step}
          label=${index % LABEL_EVERY === 0 ? clock.time(bar.starts_at) : null} />`,
      )}
      ${!isEmpty && html`<polyline class="begun" points=${line} />`}
      ${isEmpty && html`<text class="chart-empty" x=${WIDTH / 2} y=${HEIGHT / 2}>${phrase("chart.empty")}</text>`}
    </svg>
  </section>`;
}

function Bar({ bar, step, label }) {
  const session = useSession();
  const { clock, phrase } = session;
  const time = clock.time(bar.starts_at);
  const words = phrase("chart.bar", { time, kept: bar.kept, broken: bar.broken, begun: bar.begun });
  const count = bar.kept + bar.broken;
  const open = () =>
    session.open(`${phrase("drill.title.turns")} · ${time}`, { number: "turns", half_hour: bar.starts_at });
  const pressed = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  };
  const acts = count ? { role: "button", tabIndex: 0, onClick: open, onKeyDown: pressed, "aria-label": words } : {};
  return html`<g class=${`bar ${count ? "" : "is-none"}`} ...${acts}>
    <title>${words}</title>
    <rect class="bar-ground" x=${bar.x} y="0" width=${step} height=${HEIGHT} />
    <rect class="is-kept" x=${bar.x + GAP} width=${step - 2 * GAP} y=${bar.keptTop} height=${HEIGHT - bar.keptTop} />
    <rect class="is-broken" x=${bar.x + GAP} width=${step - 2 * GAP} y=${bar.brokenTop}
      height=${bar.keptTop - bar.brokenTop} />
    ${label && html`<text class="hour" x=${bar.x + step / 2} y=${HEIGHT + 18}>${label}</text>`}
  </g>`;
}
