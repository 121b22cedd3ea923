// The conversations behind a number. Each opens on the desk, to be watched.

import { useEffect, useRef } from "preact/hooks";
import { duration } from "../board.js";
import { Mark, Since, html, useSession } from "./base.js";

export function Drill({ drill }) {
  const session = useSession();
  const { phrase } = session;
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  const { answer, hasFailed, question, title } = drill;
  const counted = question.number === "turns" ? "drill.turns" : "drill.count";
  const clicked = (event) => event.target === event.currentTarget && event.currentTarget.close();
  return html`<dialog class="drill" ref=${dialog} aria-label=${title} onClose=${session.shut} onClick=${clicked}>
    <div class="drill-inner">
      <header><div><h2>${title}</h2>
        <p class="quiet" role="status">${answer && phrase(counted, { count: answer.total })}
          ${
            answer &&
            answer.total > answer.conversations.length &&
            ` · ${phrase("drill.more", { shown: answer.conversations.length })}`
          }</p></div>
        <form method="dialog"><button class="button">${phrase("close")}</button></form></header>
      ${hasFailed && html`<p class="loading" role="alert">${phrase("drill.failed")}</p>`}
      ${!answer && !hasFailed && html`<p class="loading" role="status">${phrase("loading")}</p>`}
      ${answer && answer.total === 0 && html`<p class="loading">${phrase("drill.none")}</p>`}
      <ul>${answer?.conversations.map(
        (line, index) => html`<li key=${`${line.conversation} ${index}`}><${Line} line=${line} /></li>`,
      )}</ul>
    </div>
  </dialog>`;
}

function Line({ line }) {
  const { clock, config, phrase } = useSession();
  const client = { name: line.organisation_name, colour: line.colour };
  const address = `${config.desk_path}#watch/${line.organisation}/${line.conversation}`;
  return html`<a class="drill-line" href=${address} title=${phrase("drill.watch")}>
    <${Mark} organisation=${client} />
    <span class="drill-client"><strong>${line.organisation_name}</strong>
      <small class="quiet">${line.conversation.slice(-4).toUpperCase()}
        ${line.opened_at && ` · ${phrase("since", { time: clock.time(line.opened_at) })}`}</small></span>
    <span class="drill-operator">${line.operator?.name ?? phrase("drill.nobody")}</span>
    ${line.turn ? html`<${Turn} turn=${line.turn} />` : html`<${Wait} line=${line} />`}
  </a>`;
}

function Wait({ line }) {
  const { clock, phrase } = useSession();
  if (line.state === "closed") return html`<span class="drill-state quiet">${phrase("drill.closed")}</span>`;
  if (!line.waits_since) return html`<span class="drill-state quiet">${phrase("drill.answered")}</span>`;
  const isOverdue = line.due_at && clock.secondsUntil(line.due_at) <= 0;
  return html`<span class=${`drill-state ${isOverdue ? "is-broken" : ""}`}><${Since} at=${line.waits_since} /></span>`;
}

function Turn({ turn }) {
  const { clock, phrase } = useSession();
  const waited = turn.waited_seconds === null ? "" : duration(phrase, turn.waited_seconds);
  return html`<span class=${`drill-state ${turn.outcome === "broken" ? "is-broken" : ""}`}>
    ${phrase(`drill.outcome.${turn.outcome}`)}${waited && ` ${phrase("drill.waited", { time: waited })}`}
    <small class="quiet">${phrase(`drill.kind.${turn.kind}`)} · ${clock.time(turn.opened_at)}</small></span>`;
}
