// An organisation's one brand colour, made into a set that can be read on light and on dark. Pure.

// The panel's own surfaces, as in tokens.css: what the derived colours must stand out from.
const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1b1e24";
// WCAG 2.2 AA: 4.5 for text, 3 for the edges of controls.
const TEXT_CONTRAST = 4.5;
const EDGE_CONTRAST = 3;
// Accents also stand on surfaces a little off those above; on dark, thin letters need more.
const SPARE = 0.7;
const SPARE_ON_DARK = 2;
const STEPS = 40;
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

/** The colour with another HSL lightness, 0 to 1: its hue and saturation stay. */
function withLightness(hex, lightness) {
  const [red, green, blue] = channels(hex).map((value) => value / 255);
  const high = Math.max(red, green, blue);
  const span = high - Math.min(red, green, blue);
  const middle = high - span / 2;
  const saturation = span === 0 ? 0 : span / (1 - Math.abs(2 * middle - 1));
  let hue = 0;
  if (span > 0 && high === red) hue = ((green - blue) / span + 6) % 6;
  else if (span > 0 && high === green) hue = (blue - red) / span + 2;
  else if (span > 0) hue = (red - green) / span + 4;
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset) => {
    const turn = (offset + hue * 2) % 12;
    return 255 * (lightness - amplitude * Math.max(-1, Math.min(turn - 3, 9 - turn, 1)));
  };
  return toHex([channel(0), channel(8), channel(4)]);
}

function lightnessOf(hex) {
  const values = channels(hex);
  return (Math.max(...values) + Math.min(...values)) / 510;
}

/** The first ink that can be read on this colour. */
export function inkOn(hex) {
  return INKS.find((ink) => contrast(ink, hex) >= TEXT_CONTRAST) ?? "#ffffff";
}

/** The colour itself, or made darker (`towards` 0) or lighter (1) just until it stands out enough from `surface`. */
function standingOut(hex, surface, towards, wanted) {
  const start = lightnessOf(hex);
  for (let step = 0; step <= STEPS; step += 1) {
    const candidate = step === 0 ? hex.toLowerCase() : withLightness(hex, start + ((towards - start) * step) / STEPS);
    if (contrast(candidate, surface) >= wanted) return candidate;
  }
  return towards ? "#ffffff" : "#000000";
}

/**
 * @param {string} colour `#rrggbb`
 * @returns {Record<string, string>} custom properties: fills with their inks, and accents for text, per scheme
 */
export function brandProperties(colour) {
  const light = standingOut(colour, LIGHT_SURFACE, 0, EDGE_CONTRAST);
  const dark = standingOut(colour, DARK_SURFACE, 1, EDGE_CONTRAST);
  return {
    "--brand-light": light,
    "--on-brand-light": inkOn(light),
    "--accent-light": standingOut(colour, LIGHT_SURFACE, 0, TEXT_CONTRAST + SPARE),
    "--brand-dark": dark,
    "--on-brand-dark": inkOn(dark),
    "--accent-dark": standingOut(colour, DARK_SURFACE, 1, TEXT_CONTRAST + SPARE_ON_DARK),
  };
}
