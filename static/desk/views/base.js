// What every view needs: html, the session, its phrases, and the time that passes.

import htm from "htm";
import { createContext, h } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export const html = htm.bind(h);
export const SessionContext = createContext(null);

/** @returns {ReturnType<typeof import("../session.js").openSession>} */
export function useSession() {
  return useContext(SessionContext);
}

export function usePhrase() {
  return useContext(SessionContext).phrase;
}

/** Renders this component again every `milliseconds`. */
export function useTicking(milliseconds) {
  const [, setBeat] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setBeat((beat) => beat + 1), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}

/** "Visitor 3F2A", or the name the visitor gave. */
export function visitorLabel(session, conversation) {
  const name = session.desk.details.get(conversation)?.visitor.name;
  return name || session.phrase("visitor", { mark: conversation.slice(-4).toUpperCase() });
}

/** The label of a topic in the operator's words, else in the visitor's. */
export function topicLabel(session, conversation, slug) {
  const organisation = session.desk.organisations.get(session.desk.places.get(conversation));
  const known = organisation?.topics.find((topic) => topic.slug === slug);
  return known?.label ?? session.desk.threads.get(conversation)?.topic?.label ?? slug;
}

/** "Dutch" for "nl", in the operator's language. */
export function languageName(session, code) {
  try {
    return new Intl.DisplayNames([session.config.language], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

export function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...word][0]) : [...(words[0] ?? "")].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** White or near-black, whichever is easier to read on `#rrggbb`. */
export function inkOn(colour) {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.058 ? "#ffffff" : "#14201e";
}

/** The organisation's colour with its initials. */
export function Mark({ organisation, size = "" }) {
  if (!organisation) return html`<span class=${`mark ${size}`} aria-hidden="true"></span>`;
  const style = { background: organisation.colour, color: inkOn(organisation.colour) };
  return html`<span class=${`mark ${size}`} style=${style} aria-hidden="true">${initials(organisation.name)}</span>`;
}
