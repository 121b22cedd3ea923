// The page's words. They come translated from the server, with {placeholders}; plurals as "key.one" and "key.other".

/**
 * @param {Record<string, string>} texts
 * @param {string} language BCP 47
 * @returns {(key: string, values?: Record<string, string | number>) => string}
 */
export function openPhrases(texts, language) {
  const plural = new Intl.PluralRules(language);
  const formOf = (count) => (plural.select(count) === "one" ? "one" : "other");
  return (key, values = {}) => {
    const text = texts[key] ?? texts[`${key}.${formOf(values.count)}`] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}
