// Who is there, in which state, and with how much to do.

import { byState } from "../board.js";
import { Count, html, initials, useSession } from "./base.js";

export function Operators({ operators, isOneClient }) {
  const { phrase } = useSession();
  const groups = byState(operators);
  return html`<section class="panel operators-panel">
    <header><h2>${phrase("operators")}</h2>
      <p class="legend">${groups.map(
        ({ state, operators: here }) =>
          html`<span key=${state}><i class=${`state-${state}`}></i>${phrase(`state.${state}`)} ${here.length}</span>`,
      )}</p></header>
    <div class="operators">
      ${groups.length === 0 && html`<p class="quiet">${phrase("nobody_here")}</p>`}
      ${groups.map(
        ({ state, operators: here }) => html`<section key=${state} class=${`state state-${state}`} data-state=${state}>
          <h3>${phrase(`state.${state}`)} <span class="count">${here.length}</span>
            ${state === "gone" && html`<small class="quiet">${phrase("state.gone.explained")}</small>`}</h3>
          <ul>${here.map((one) => html`<${Line} key=${one.id} operator=${one} isOneClient=${isOneClient} />`)}</ul>
        </section>`,
      )}
    </div>
  </section>`;
}

function Line({ operator, isOneClient }) {
  const { clock, phrase } = useSession();
  const { name, state, held, capacity } = operator;
  const shown = isOneClient ? operator.held_here : held;
  const facts = [
    state === "on_break" && operator.reason && phrase(`reason.${operator.reason}`),
    state === "on_break" && operator.until && phrase("until", { time: clock.time(operator.until) }),
    state !== "available" && operator.since && !operator.until && phrase("since", { time: clock.time(operator.since) }),
  ].filter(Boolean);
  const share = Math.min(1, operator.load / (100 * capacity));
  const words = phrase("load.explained", { name, held, capacity });
  return html`<li class=${`operator ${state === "gone" && held ? "is-alarming" : ""}`}>
    <span class="face" aria-hidden="true">${initials(name)}</span>
    <span class="operator-name"><strong>${name}</strong>
      ${facts.length > 0 && html`<small class="quiet">${facts.join(" · ")}</small>`}</span>
    <span class="load" title=${words}>
      <span class="load-bar" aria-hidden="true"><i style=${{ width: `${100 * share}%` }}></i></span>
      <${Count} count=${shown} title=${words} question=${{ number: "held", operator: operator.id }}>
        ${phrase("load", { held, capacity })}<//>
    </span>
  </li>`;
}
