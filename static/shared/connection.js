// One line to the server. A WebSocket where it can be had, else HTTP polling: whoever uses it sees frames only.
// The rules (silence, jitter, close codes) are those of docs/protocol.md.

const FRAME_BYTES = 64 * 1024;
const WELCOME_TIMEOUT_MS = 5_000;
const SILENCE_MS = 12_000;
// A tab that wakes up does not wait for the whole silence: by then a heartbeat (every 4 s) is certainly missing.
const SUSPECT_MS = 6_000;
// A socket that lived this long was worth it: the next reconnect starts with the short delay again.
const STEADY_MS = 10_000;
const DELAY_LOW_MS = 500;
const DELAY_FIRST_MS = 2_000;
const DELAY_HIGH_MS = 30_000;
// How many attempts in a row without a welcome before polling starts: fewer where sockets never worked yet.
const ATTEMPTS_IF_NEVER_WELCOMED = 2;
const ATTEMPTS_IF_ONCE_WELCOMED = 4;
const POLL_MS = 2_500;
const POLL_HIDDEN_MS = 10_000;
const POLL_TIMEOUT_MS = 10_000;
const COMMANDS_PER_POLL = 20;

/** How long to wait before attempt number `retries` + 1, in ms: full jitter, growing up to 30 s. */
export function retryDelay(retries, random = Math.random) {
  const high = Math.min(DELAY_HIGH_MS, DELAY_FIRST_MS * 2 ** Math.min(retries, 10));
  return DELAY_LOW_MS + random() * (high - DELAY_LOW_MS);
}

/**
 * @typedef {"connecting" | "online" | "polling" | "offline" | "refused"} ConnectionState
 *
 * @typedef {object} Connection
 * @property {(frame: object) => boolean} send  false when nothing carries frames now: whatever matters is in the outbox
 * @property {() => void} poll  look at once instead of waiting for the next attempt or poll
 * @property {() => void} close  for good
 * @property {ConnectionState} state
 */

/**
 * @param {object} options
 * @param {string} options.socketUrl  ws(s) address
 * @param {string} options.apiUrl  where the same frames go over HTTP
 * @param {Record<string, string> | (() => Record<string, string>)} [options.headers]  for HTTP, beside the content type
 * @param {() => object} options.hello  makes the first frame; called anew for every socket and every poll
 * @param {(frame: object) => void} options.onFrame  every frame from the server, heartbeats included
 * @param {(state: ConnectionState, detail: object | null) => void} [options.onState]  `detail` of "refused" is `{code}`
 * @param {() => number} [options.random]
 * @param {() => number} [options.now]  ms
 * @returns {Connection}
 */
export function openConnection({
  socketUrl,
  apiUrl,
  headers = {},
  hello,
  onFrame,
  onState = () => {},
  random = Math.random,
  now = Date.now,
}) {
  let state = "connecting";
  let stopped = false;
  let socket = null;
  let welcomedAt = null;
  let heardAt = 0;
  let everWelcomed = false;
  let unwelcomed = 0;
  let retries = 0;
  let attemptTimer = null;
  let watchTimer = null;
  let polling = false;
  let pollRunning = false;
  let pollFailures = 0;
  let pollTimer = null;
  let commands = [];
  let answeredBehind = new Set();

  function setState(next, detail = null) {
    if (next === state) return;
    state = next;
    onState(next, detail);
  }

  function attempt() {
    clearTimeout(attemptTimer);
    if (stopped || socket) return;
    heardAt = now();
    try {
      socket = new WebSocket(socketUrl);
    } catch {
      unwelcomed = ATTEMPTS_IF_ONCE_WELCOMED;
      lost(1006);
      return;
    }
    const mine = socket;
    mine.onopen = () => mine === socket && mine.send(JSON.stringify(hello()));
    mine.onmessage = (event) => mine === socket && heard(event.data);
    mine.onclose = (event) => mine === socket && lost(event.code);
    watch();
  }

  function watch() {
    clearTimeout(watchTimer);
    const allowed = welcomedAt === null ? WELCOME_TIMEOUT_MS : SILENCE_MS;
    const left = heardAt + allowed - now();
    watchTimer = setTimeout(() => (now() - heardAt >= allowed ? abandon() : watch()), Math.max(left, 50));
  }

  /** Give up a socket that says nothing, without waiting for its closing handshake. */
  function abandon() {
    const dead = socket;
    if (!dead) return;
    lost(1006);
    dead.close();
  }

  function heard(data) {
    heardAt = now();
    const frame = JSON.parse(data);
    if (frame.type === "welcome") {
      welcomedAt = now();
      everWelcomed = true;
      unwelcomed = 0;
      stopPolling();
      setState("online");
      for (const command of commands.splice(0)) socket.send(JSON.stringify(command));
    } else if (frame.type === "heartbeat") {
      socket.send('{"type": "heartbeat"}');
    }
    watch();
    onFrame(frame);
  }

  function lost(code) {
    clearTimeout(watchTimer);
    socket = null;
    const lived = welcomedAt === null ? 0 : now() - welcomedAt;
    const hadWelcome = welcomedAt !== null;
    welcomedAt = null;
    if (stopped) return;
    if (code >= 4000 && code < 5000) {
      refuse(code);
      return;
    }
    if (lived > STEADY_MS) retries = 0;
    if (!hadWelcome) unwelcomed += 1;
    if (unwelcomed >= (everWelcomed ? ATTEMPTS_IF_ONCE_WELCOMED : ATTEMPTS_IF_NEVER_WELCOMED)) startPolling();
    if (state !== "polling") setState(hadWelcome ? "connecting" : "offline");
    attemptTimer = setTimeout(attempt, retryDelay(retries, random));
    retries += 1;
  }

  function refuse(code) {
    close();
    setState("refused", { code });
  }

  function startPolling() {
    if (polling) return;
    polling = true;
    pollFailures = 0;
    poll();
  }

  function stopPolling() {
    polling = false;
    clearTimeout(pollTimer);
  }

  async function poll() {
    clearTimeout(pollTimer);
    if (!polling || pollRunning) return;
    pollRunning = true;
    const batch = commands.splice(0, COMMANDS_PER_POLL);
    let frames = null;
    try {
      frames = await exchange(batch);
      pollFailures = 0;
    } catch {
      pollFailures += 1;
    }
    pollRunning = false;
    if (stopped || frames === null) {
      if (polling) {
        setState("offline");
        pollTimer = setTimeout(poll, retryDelay(pollFailures, random));
      }
      return;
    }
    deliver(frames);
    if (polling) pollTimer = setTimeout(poll, commands.length ? 0 : pollPause());
  }

  function pollPause() {
    return document.visibilityState === "hidden" ? POLL_HIDDEN_MS : POLL_MS;
  }

  /** The frames of one request; null when it was refused for good. Throws when it may be tried again. */
  async function exchange(batch) {
    const response = await fetch(apiUrl, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", ...(typeof headers === "function" ? headers() : headers) },
      body: JSON.stringify({ hello: hello(), commands: batch }),
      signal: AbortSignal.timeout(POLL_TIMEOUT_MS),
    });
    if ([400, 401, 404].includes(response.status)) {
      refuse(4000 + response.status);
      return null;
    }
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.json()).frames;
  }

  function deliver(frames) {
    // A welcome makes the application send again what is unanswered; the answers to this batch are right behind it.
    answeredBehind = new Set(frames.map((frame) => frame.cid).filter(Boolean));
    for (const frame of frames) {
      if (frame.type === "welcome") {
        // A socket opened meanwhile: its welcome, and its token, are newer than this one's.
        if (welcomedAt !== null) continue;
        setState("polling");
      }
      onFrame(frame);
    }
    answeredBehind = new Set();
  }

  function send(frame) {
    const text = JSON.stringify(frame);
    if (new TextEncoder().encode(text).length > FRAME_BYTES) {
      const refusal = { type: "error", code: "invalid", message: "", cid: frame.cid ?? null };
      onFrame({ ...refusal, retry: false, retry_after: null });
      return false;
    }
    if (welcomedAt !== null && socket.readyState === WebSocket.OPEN) {
      socket.send(text);
      return true;
    }
    if (state !== "polling") return false;
    if (frame.cid && answeredBehind.has(frame.cid)) return true;
    commands.push(frame);
    poll();
    return true;
  }

  function lookNow() {
    if (stopped) return;
    if (welcomedAt !== null && now() - heardAt > SUSPECT_MS) abandon();
    attempt();
    poll();
  }

  function wake(event) {
    if (event.type !== "online" && document.visibilityState === "hidden") return;
    lookNow();
  }

  function close() {
    stopped = true;
    stopPolling();
    clearTimeout(attemptTimer);
    clearTimeout(watchTimer);
    window.removeEventListener("online", wake);
    window.removeEventListener("pageshow", wake);
    document.removeEventListener("visibilitychange", wake);
    const open = socket;
    socket = null;
    welcomedAt = null;
    open?.close();
  }

  window.addEventListener("online", wake);
  window.addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", wake);
  attempt();

  return {
    send,
    poll: lookNow,
    close,
    get state() {
      return state;
    },
  };
}
