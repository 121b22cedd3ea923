// One line for each client, the most urgent above. Its name shows the wallboard of that client alone.

import { clientsByUrgency, urgency } from "../board.js";
import { Mark, Count, Since, html, useSession } from "./base.js";
import { KeptShare } from "./tiles.js";

const COLUMNS = ["client", "waiting", "longest", "running", "overdue", "held", "kept"];

export function Clients({ board }) {
  const { phrase } = useSession();
  const shown = board.clients.filter(({ slug }) => !board.organisation || slug === board.organisation);
  return html`<section class="panel clients-panel">
    <header><h2>${phrase("clients")}</h2></header>
    <div class="clients">
      <table>
        <thead><tr>${COLUMNS.map((name) => html`<th key=${name} scope="col">${phrase(`column.${name}`)}</th>`)}</tr></thead>
        <tbody>${clientsByUrgency(shown).map((client) => html`<${Client} key=${client.slug} client=${client} />`)}</tbody>
      </table>
    </div>
  </section>`;
}

function Client({ client }) {
  const session = useSession();
  const { phrase } = session;
  const { slug, name, live } = client;
  const cell = (number) => html`<${Count} count=${live[number]}
    title=${`${name} · ${phrase(`drill.title.${number}`)}`} question=${{ number, organisation: slug }} />`;
  return html`<tr class=${`is-${urgency(live)}`} data-client=${slug}>
    <th scope="row"><button type="button" class="client" onClick=${() => session.choose(slug)}>
      <${Mark} organisation=${client} />${name}</button></th>
    <td>${cell("waiting")}</td>
    <td>${live.waits_since ? html`<${Since} at=${live.waits_since} />` : phrase("none")}</td>
    <td>${cell("running")}</td>
    <td class=${live.overdue ? "is-broken" : ""}>${cell("overdue")}</td>
    <td>${cell("held")}</td>
    <td><${KeptShare} share=${client.kept} organisation=${slug} /></td>
  </tr>`;
}
