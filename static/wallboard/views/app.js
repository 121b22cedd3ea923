// The whole wallboard: what needs somebody above, the day below.

import { useEffect, useReducer } from "preact/hooks";
import { SessionContext, html, useSession } from "./base.js";
import { Alerts, Calls } from "./alerts.js";
import { Chart } from "./chart.js";
import { Clients } from "./clients.js";
import { Drill } from "./drill.js";
import { Operators } from "./operators.js";
import { Tiles } from "./tiles.js";

export function App({ session, alerts }) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  useEffect(() => session.subscribe(redraw), [session]);
  return html`<${SessionContext.Provider} value=${session}><${Wallboard} alerts=${alerts} /><//>`;
}

function Wallboard({ alerts }) {
  const { board, clock, isStale, drill, phrase } = useSession();
  return html`<div class="board">
    <${Head} alerts=${alerts} />
    <${Alerts} />
    ${isStale && board && html`<p class="stale" role="status">${phrase("stale", { time: clock.time(board.now) })}</p>`}
    ${!board && html`<p class="loading" role="status">${phrase("loading")}</p>`}
    ${
      board &&
      html`<main>
      <${Tiles} board=${board} />
      <div class="panels">
        <${Chart} board=${board} />
        <${Operators} operators=${board.operators} isOneClient=${Boolean(board.organisation)} />
        <${Clients} board=${board} />
      </div>
    </main>`
    }
    ${drill && html`<${Drill} drill=${drill} />`}
  </div>`;
}

function Head({ alerts }) {
  const session = useSession();
  const { board, clock, config, phrase, followUps } = session;
  return html`<header class="head">
    <img src=${config.mark} alt="" width="28" height="28" />
    <h1>${phrase("wallboard")}</h1>
    ${
      board &&
      html`<label class="choice"><span class="visually-hidden">${phrase("client")}</span>
      <select value=${session.organisation ?? ""} onChange=${(event) => session.choose(event.currentTarget.value)}>
        <option value="">${phrase("all_clients")}</option>
        ${board.clients.map(({ slug, name }) => html`<option key=${slug} value=${slug}>${name}</option>`)}
      </select></label>
      <p class="quiet day">${phrase("day", { time: clock.time(board.day_started_at), zone: board.time_zone })}</p>
      <time class="now">${clock.time(board.now)}</time>`
    }
    <nav>
      <${Calls} alerts=${alerts} />
      <a class="button" href=${config.follow_ups_path}>${phrase("follow_ups")}
        ${followUps.open > 0 && html`<b>${phrase("follow_ups.open", { count: followUps.open })}</b>`}
        ${followUps.late > 0 && html`<b class="is-late">▲ ${phrase("follow_ups.late", { count: followUps.late })}</b>`}</a>
      <a class="button" href=${config.staffing_path}>${phrase("staffing")}</a>
      <a class="button" href=${config.desk_path}>${phrase("desk")}</a>
      <form method="post" action=${config.logout_path}>
        <input type="hidden" name="csrfmiddlewaretoken" value=${config.csrf_token} />
        <button class="button">${phrase("log_out")}</button>
      </form>
    </nav>
  </header>`;
}
