// The desk's words. They come translated from the page, with {placeholders}; plurals as "key.one" and "key.other".

/**
 * @param {Record<string, string>} texts
 * @param {string} language BCP 47
 */
export function makePhrases(texts, language) {
  const plural = new Intl.PluralRules(language);

  /** @param {string} key @param {Record<string, string | number>} [values] */
  function phrase(key, values = {}) {
    const text = texts[key] ?? (typeof values.count === "number" && texts[`${key}.${formOf(values.count)}`]);
    if (typeof text !== "string") return key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  function formOf(count) {
    return plural.select(count) === "one" ? "one" : "other";
  }

  return phrase;
}
