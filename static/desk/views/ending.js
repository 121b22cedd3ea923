// How a conversation went, as its operator saw it: beside the closing, and for a while afterwards. All of it optional.

import { useEffect, useState } from "preact/hooks";
import { canCorrect, endingOf, EMPTY_ENDING, MOODS } from "../ending.js";
import { PURPOSES } from "../keys.js";
import { html, usePhrase, useSession } from "./base.js";

/** A screen this low has no room to show it unasked. */
const ROOMY = "(min-height: 720px) and (min-width: 761px)";
/** The curve of the mouth, by mood: the shape says what the colour only repeats. */
const MOUTHS = {
  "-2": "M8 17c1.2-2.6 6.8-2.6 8 0M7 8l3 1.5M17 8l-3 1.5",
  "-1": "M8.5 16.5c1.5-1.6 5.5-1.6 7 0M9 9.5v.01M15 9.5v.01",
  0: "M8.5 15.5h7M9 9.5v.01M15 9.5v.01",
  1: "M8.5 14.5c1.5 1.8 5.5 1.8 7 0M9 9.5v.01M15 9.5v.01",
  2: "M7.5 13.5h9c-.6 4.4-8.4 4.4-9 0zM8 9.5c.5-.9 1.5-.9 2 0M14 9.5c.5-.9 1.5-.9 2 0",
};

/** Beside the closing of one's own conversation; kept with the draft until it is closed. */
export function EndingDraft({ conversation }) {
  const session = useSession();
  const draft = session.draft(conversation);
  const noted = draft.noted ?? EMPTY_ENDING;
  const note = (changed) => session.setDraft(conversation, { ...draft, noted: { ...noted, ...changed } });
  return html`<${Panel} conversation=${conversation}><${Fields} noted=${noted} onNote=${note} /><//>`;
}

/** Under a conversation that was closed a moment ago, for whoever held it and for supervisors. */
export function EndingCorrection({ conversation }) {
  const session = useSession();
  const phrase = usePhrase();
  const { desk, clock } = session;
  const thread = desk.threads.get(conversation);
  const details = desk.details.get(conversation);
  const stored = endingOf(thread, details);
  const [noted, setNoted] = useState(stored);
  const known = JSON.stringify(stored);
  useEffect(() => setNoted(JSON.parse(known)), [conversation, known]);
  if (!canCorrect(desk, conversation, clock.now())) return null;
  const note = (changed) => {
    const next = { ...noted, ...changed };
    setNoted(next);
    if (next.purpose) session.correctEnding(conversation, next);
  };
  return html`<${Panel} conversation=${conversation} title=${phrase("ending.correct")}>
    <${Choice} name="purpose" label=${phrase("facts.purpose")} value=${noted.purpose || null} isRequired
      choices=${PURPOSES.map((purpose) => [purpose, phrase(`purpose.${purpose}`)])}
      onChoose=${(purpose) => note({ purpose })} />
    <${Fields} noted=${noted} onNote=${note} />
  <//>`;
}

function Panel({ conversation, title, children }) {
  const phrase = usePhrase();
  return html`<details class="ending" key=${conversation} open=${window.matchMedia(ROOMY).matches}>
    <summary>${title ?? phrase("ending")} <kbd>E</kbd> <small>${phrase("ending.optional")}</small></summary>
    <div class="ending-fields">${children}</div>
  </details>`;
}

function Fields({ noted, onNote }) {
  const phrase = usePhrase();
  const moods = MOODS.map((mood) => [mood, phrase(`mood.${mood}`), MOUTHS[mood]]);
  const leads = [
    [true, phrase("lead.yes")],
    [false, phrase("lead.no")],
  ];
  return html`<${Choice} name="mood_start" label=${phrase("mood.start")} value=${noted.mood_start} choices=${moods}
      onChoose=${(mood_start) => onNote({ mood_start })} />
    <${Choice} name="mood_end" label=${phrase("mood.end")} value=${noted.mood_end} choices=${moods}
      onChoose=${(mood_end) => onNote({ mood_end })} />
    <${Choice} name="lead" label=${phrase("lead")} value=${noted.lead} choices=${leads}
      onChoose=${(lead) => onNote({ lead })} />`;
}

/** One of several, or none: what is chosen is taken back by choosing it again, or with Delete. */
function Choice({ name, label, value, choices, onChoose, isRequired = false }) {
  const phrase = usePhrase();
  const cleared = (event) => {
    if (isRequired || (event.key !== "Delete" && event.key !== "Backspace")) return;
    event.preventDefault();
    onChoose(null);
  };
  return html`<fieldset class="ending-choice" data-field=${name} onKeyDown=${cleared}
    title=${isRequired ? undefined : phrase("ending.clear")}>
    <legend>${label}</legend>
    ${choices.map(
      ([choice, words, mouth]) => html`<label key=${choice} data-choice=${choice}>
        <input type="radio" name=${name} checked=${value === choice}
          onClick=${() => onChoose(value === choice && !isRequired ? null : choice)} />
        ${mouth && html`<${Face} mouth=${mouth} />`}<span>${words}</span>
      </label>`,
    )}
  </fieldset>`;
}

function Face({ mouth }) {
  return html`<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.7"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    <circle cx="12" cy="12" r="9.5" /><path d=${mouth} />
  </svg>`;
}

/** To the first thing that can be noted, if there is anything. */
export function focusEnding() {
  const panel = document.querySelector(".ending");
  if (!panel) return;
  panel.open = true;
  const fieldset = panel.querySelector("fieldset");
  (fieldset.querySelector("input:checked") ?? fieldset.querySelector("input")).focus();
}
