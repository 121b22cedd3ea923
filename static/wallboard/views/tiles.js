// The big numbers: what waits now, and how the day went. Each opens what is behind it.

import { percentOf, urgency } from "../board.js";
import { Count, Since, html, useSession } from "./base.js";

export function Tiles({ board }) {
  const { phrase } = useSession();
  const { live, kept } = board;
  const question = (number) => ({ title: phrase(`drill.title.${number}`), question: { number } });
  return html`<section class="tiles">
    <${Tile} name="waiting" look=${live.waiting ? "warn" : "calm"}>
      <${Count} count=${live.waiting} ...${question("waiting")} />
      <p class="quiet">${phrase("waiting.explained")}</p>
    <//>
    <${Tile} name="longest" look=${urgency(live)}>
      <${Count} count=${live.running} ...${question("running")}>
        ${live.waits_since ? html`<${Since} at=${live.waits_since} />` : phrase("none")}<//>
      <p class="quiet">${phrase("longest.explained")}</p>
    <//>
    <${Tile} name="running" look=${urgency(live)}>
      <${Count} count=${live.running} ...${question("running")} />
      <p class="tile-parts">
        <span class=${live.warned ? "is-warn" : ""}>
          <${Count} count=${live.warned} ...${question("warned")}>
            ${phrase("warned", { count: live.warned })}<//></span>
        <span class=${live.overdue ? "is-broken" : ""}>
          <${Count} count=${live.overdue} ...${question("overdue")}>
            ${phrase("overdue", { count: live.overdue })}<//></span>
      </p>
    <//>
    <${Tile} name="kept" look="calm" wide>
      <div class="shares">
        <${KeptShare} share=${kept.all} />
        <div class="shares-parts">
          <${KeptShare} share=${kept.first} kind="first" />
          <${KeptShare} share=${kept.follow_up} kind="follow_up" />
        </div>
      </div>
    <//>
  </section>`;
}

function Tile({ name, look, wide = false, children }) {
  const { phrase } = useSession();
  return html`<section class=${`tile is-${look} ${wide ? "is-wide" : ""}`} data-number=${name}>
    <h2>${phrase(name)}</h2>
    ${children}
  </section>`;
}

/** A share never stands alone: how many it is of, and the broken ones one click away. */
export function KeptShare({ share, kind = null, organisation = null }) {
  const { phrase } = useSession();
  const percent = percentOf(share);
  const broken = share.total - share.kept;
  const question = { number: "turns", ...(kind && { kind }), ...(organisation && { organisation }) };
  const title = [phrase("drill.title.turns"), kind && phrase(`kept.${kind}`)].filter(Boolean).join(" · ");
  return html`<div class="share" data-kind=${kind ?? "all"}>
    ${kind && html`<h3>${phrase(`kept.${kind}`)}</h3>`}
    <${Count} count=${share.total} title=${title} question=${question}>
      ${percent === null ? phrase("none") : phrase("share", { percent })}<//>
    <span class="quiet">
      ${share.total > 0 && phrase("of", { count: share.total })}
      ${
        broken > 0 &&
        html` · <${Count} count=${broken} title=${title} question=${{ ...question, outcome: "broken" }}>
        ${phrase("broken", { count: broken })}<//>`
      }
    </span>
  </div>`;
}
