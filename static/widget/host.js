// The page around the frame, as the loader tells of it. Nothing else in that page is heard, or told anything.

const PAGE_WAIT_MS = 1_500;
const LIMITS = { url: 2000, title: 300, referrer: 2000 };

/**
 * @typedef {{url: string, title: string, referrer: string}} Page
 *
 * @param {object} options
 * @param {string[]} options.origins  those that may embed this website's widget
 * @param {(page: Page) => void} options.onPage  the address changed
 * @param {Window} [options.view]
 */
export function openHost({ origins, onPage, view = window }) {
  let hostOrigin = null;
  let waitingSize = null;
  /** @type {Page} */
  let page = { url: document.referrer, title: "", referrer: "" };
  let pageKnown;
  const ready = new Promise((resolve) => {
    pageKnown = resolve;
    setTimeout(resolve, PAGE_WAIT_MS);
  });

  view.addEventListener("message", (event) => {
    if (event.source !== view.parent || !origins.includes(event.origin)) return;
    const message = event.data;
    if (message?.source !== "chatplatform-loader" || message.type !== "page") return;
    const first = hostOrigin === null;
    hostOrigin = event.origin;
    page = Object.fromEntries(
      Object.entries(LIMITS).map(([key, limit]) => [key, String(message[key] ?? "").slice(0, limit)]),
    );
    if (waitingSize) post(waitingSize);
    if (first) pageKnown();
    else onPage(page);
  });

  function post(state) {
    waitingSize = state;
    if (hostOrigin) view.parent.postMessage({ source: "chatplatform-widget", type: "size", state }, hostOrigin);
  }

  return {
    /** Resolves when the page is known, or after 1.5 s without it. */
    ready,
    get page() {
      return page;
    },
    /** @param {"launcher" | "open"} state */
    size: post,
  };
}
