// The wallboard at work: asks for the numbers every two seconds while it can be seen, and for what is behind one.

import { newlyRaised } from "../shared/alerts.js";
import { openClock } from "../shared/clock.js";

const POLL_MS = 2_000;
const TIMEOUT_MS = 8_000;

/**
 * @param {{config: object, phrase: (key: string, values?: object) => string}} options
 * @param {(alert: import("../shared/alerts.js").Alert, session: object) => void} onAlert  one that began meanwhile
 * @param {() => void} onFollowUp  somebody should come back to one visitor more
 */
export function openSession({ config, phrase }, onAlert, onFollowUp = () => {}) {
  const clock = openClock({ language: config.locale, timeZone: config.time_zone });
  const listeners = new Set();
  let board = null;
  let alerts = [];
  let followUps = { open: 0, late: 0 };
  let isStale = false;
  let drill = null;
  let timer = null;
  let asked = 0;

  function changed() {
    for (const listener of listeners) listener();
  }

  const chosen = () => new URLSearchParams(location.search).get("organisation");

  async function load(path, parameters) {
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
    const response = await fetch(`${path}?${query}`, {
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, answer: response.ok ? await response.json() : null };
  }

  async function poll() {
    clearTimeout(timer);
    const mine = ++asked;
    try {
      const { status, answer } = await load(config.numbers_path, { organisation: chosen() });
      if (mine !== asked) return;
      if (status === 404) refused();
      isStale = !answer;
      if (answer) {
        const raised = board ? newlyRaised(alerts, answer.alerts) : [];
        const isMore = board && answer.follow_ups.open > followUps.open;
        ({ board, alerts, follow_ups: followUps } = answer);
        clock.observe(board.now);
        for (const alert of raised) onAlert(alert, session);
        if (isMore) onFollowUp();
      }
    } catch {
      if (mine !== asked) return;
      isStale = true;
    }
    changed();
    if (!document.hidden) timer = setTimeout(poll, POLL_MS);
  }

  /** The log-in or the role is gone; or the client is, and then all of them are shown. */
  function refused() {
    if (chosen()) session.choose(null);
    else location.assign(`${config.login_path}?next=${encodeURIComponent(location.pathname)}`);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : poll()));
  window.addEventListener("popstate", poll);

  const session = {
    clock,
    config,
    phrase,
    get board() {
      return board;
    },
    get alerts() {
      return alerts;
    },
    /** Of all clients: those that nobody has taken, and those that are late. */
    get followUps() {
      return followUps;
    },
    clientName: (slug) => board?.clients.find((client) => client.slug === slug)?.name ?? "",
    /** This supervisor sees to it: everybody's screens say so. */
    async acknowledge(alert) {
      try {
        await fetch(`${config.alerts_path}/${alert}/seen`, {
          method: "POST",
          credentials: "same-origin",
          headers: { "X-CSRFToken": config.csrf_token },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
      } catch {
        // It stays as it is on the screen: to be tried again.
      }
      poll();
    },
    get isStale() {
      return isStale;
    },
    get drill() {
      return drill;
    },
    get organisation() {
      return chosen();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** All clients, or one; it stands in the address, so that a screen on the wall comes back to it. */
    choose(slug) {
      history.pushState(null, "", slug ? `?organisation=${encodeURIComponent(slug)}` : location.pathname);
      poll();
    },
    /** Opens the conversations behind a number. @param {Record<string, string>} question see operators/drill.py */
    async open(title, question) {
      const mine = { title, question, answer: null, hasFailed: false };
      drill = mine;
      changed();
      let next;
      try {
        const { answer } = await load(config.conversations_path, { organisation: chosen(), ...question });
        next = { ...mine, answer, hasFailed: !answer };
      } catch {
        next = { ...mine, hasFailed: true };
      }
      if (drill !== mine) return;
      drill = next;
      changed();
    },
    shut() {
      drill = null;
      changed();
    },
  };
  poll();
  return session;
}
