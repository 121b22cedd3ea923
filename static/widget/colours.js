// An organisation's one brand colour, made into a set that can be read on light and on dark. Pure.

// The panel's own surfaces, as in tokens.css: what the derived colours must stand out from.
const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1b1e24";
// WCAG 2.2 AA: 4.5 for text, 3 for the edges of controls.
const TEXT_CONTRAST = 4.5;
const EDGE_CONTRAST = 3;
const INKS = ["#ffffff", "#15171c", "#000000"];

function channels(hex) {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}

function toHex(values) {
  return `#${values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}

function luminance(hex) {
  const [red, green, blue] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG contrast of two `#rrggbb` colours, 1 to 21. */
export function contrast(left, right) {
  const [high, low] = [luminance(left), luminance(right)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function mix(hex, other, share) {
  const to = channels(other);
  return toHex(channels(hex).map((value, index) => value + (to[index] - value) * share));
}

/** The first ink that can be read on this colour. */
export function inkOn(hex) {
  return INKS.find((ink) => contrast(ink, hex) >= TEXT_CONTRAST) ?? "#ffffff";
}

/** The colour, moved towards `towards` in small steps until it stands out enough from `surface`. */
function standingOut(hex, surface, towards, wanted) {
  for (let step = 0; step <= 20; step += 1) {
    const candidate = mix(hex, towards, step / 20);
    if (contrast(candidate, surface) >= wanted) return candidate;
  }
  return towards;
}

/**
 * @param {string} colour `#rrggbb`
 * @returns {Record<string, string>} custom properties: fills with their inks, and accents for text, per scheme
 */
export function brandProperties(colour) {
  const light = standingOut(colour, LIGHT_SURFACE, "#000000", EDGE_CONTRAST);
  const dark = standingOut(colour, DARK_SURFACE, "#ffffff", EDGE_CONTRAST);
  return {
    "--brand-light": light,
    "--on-brand-light": inkOn(light),
    "--accent-light": standingOut(colour, LIGHT_SURFACE, "#000000", TEXT_CONTRAST + 0.5),
    "--brand-dark": dark,
    "--on-brand-dark": inkOn(dark),
    "--accent-dark": standingOut(colour, DARK_SURFACE, "#ffffff", TEXT_CONTRAST + 0.5),
  };
}
