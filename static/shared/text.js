// Somebody else's words as preact nodes: text stays text, and only three kinds of address become links.

import { h } from "preact";

const ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"'`\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]+/gi;
const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/**
 * @param {string} body
 * @returns {Array<string | object>} strings, `<br>` for each line break, and links
 */
export function textNodes(body) {
  return body.split(/\r?\n/).flatMap((line, index) => (index ? [h("br", null), ...lineNodes(line)] : lineNodes(line)));
}

function lineNodes(line) {
  const nodes = [];
  let done = 0;
  for (const match of line.matchAll(ADDRESS)) {
    const address = withoutTail(match[0]);
    const href = safeAddress(address);
    if (!href) continue;
    if (match.index > done) nodes.push(line.slice(done, match.index));
    nodes.push(h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    done = match.index + address.length;
  }
  if (done < line.length) nodes.push(line.slice(done));
  return nodes;
}

/** Punctuation after an address belongs to the sentence; a closing bracket too, unless the address opened it. */
function withoutTail(address) {
  let text = address;
  for (;;) {
    const last = text.at(-1);
    if (!last) return text;
    const unopened = last === ")" && text.split("(").length < text.split(")").length;
    if (!".,;:!?]}".includes(last) && !unopened) return text;
    text = text.slice(0, -1);
  }
}

/** The address as the browser understands it, or null when it is not one that may be followed. */
export function safeAddress(address) {
  try {
    const url = new URL(address);
    return ALLOWED.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
