// The brand's page: the widget's colours, by the widget's own rules, as soon as a colour is chosen. Nothing is stored.

import { brandProperties, contrast } from "../shared/colours.js";

const COLOUR = /^#[0-9a-f]{6}$/i;
// The panel's ground, as in tokens.css.
const GROUNDS = { light: "#ffffff", dark: "#1b1e24" };

const form = document.querySelector("[data-brand]");
const written = form.querySelector("#brand-colour");
const picker = form.querySelector("#brand-picker");

function rounded(ratio) {
  return ratio.toLocaleString(document.documentElement.lang || "en", { maximumFractionDigits: 1 });
}

function note(chosen, shade, ink, ground, texts) {
  const kind = shade === chosen ? "same" : contrast(shade, "#000000") < contrast(chosen, "#000000") ? "darker" : "lighter";
  return texts[kind]
    .replace("{shade}", shade)
    .replace("{ground}", rounded(contrast(chosen, ground)))
    .replace("{letters}", rounded(contrast(ink, shade)));
}

function show(text) {
  if (!COLOUR.test(text)) return;
  const chosen = text.toLowerCase();
  const properties = brandProperties(chosen);
  for (const panel of form.querySelectorAll("[data-scheme]")) {
    const { scheme } = panel.dataset;
    for (const name of ["brand", "on-brand", "accent"]) {
      panel.style.setProperty(`--${name}`, properties[`--${name}-${scheme}`]);
    }
    const said = panel.nextElementSibling;
    const [shade, ink] = [properties[`--brand-${scheme}`], properties[`--on-brand-${scheme}`]];
    said.textContent = note(chosen, shade, ink, GROUNDS[scheme], said.dataset);
  }
  picker.value = chosen;
}

picker.hidden = false;
form.querySelector(".brand-previews").hidden = false;
picker.addEventListener("input", () => {
  written.value = picker.value;
  show(picker.value);
});
written.addEventListener("input", () => show(written.value.trim()));
show(written.value);
