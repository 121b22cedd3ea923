// The guest page's requests. Nothing but their answers leaves this module; a token or secret goes into a body or a header,
// never into an address.

const TIMEOUT_MS = 10_000;

/**
 * @typedef {{ok: true, frames: object[]} | {ok: false, gone: boolean, wait: number, message: string}} Answer
 *   `gone`: this opens nothing (any more); else it may be tried again, after `wait` seconds
 */

/** @param {{open_path: string, new_link_path: string, api_path: string}} config */
export function openDoor(config) {
  /** @returns {Promise<Answer>} */
  async function post(path, body, headers = {}) {
    try {
      const response = await fetch(path, {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const { frames } = await response.json();
      if (response.ok) return { ok: true, frames };
      const [error] = frames;
      return { ok: false, gone: response.status === 404, wait: error.retry_after ?? 0, message: error.message };
    } catch {
      return { ok: false, gone: false, wait: 0, message: "" };
    }
  }

  return {
    open: (token) => post(config.open_path, { token }),
    askForLink: (token) => post(config.new_link_path, { token }),
    exchange: (secret, since, commands) =>
      post(config.api_path, { since, commands }, { Authorization: `Bearer ${secret}` }),
  };
}
