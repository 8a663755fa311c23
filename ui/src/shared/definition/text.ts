// A human text of a definition: one string for everybody, or one for each language.
export type Text = string | Readonly<Record<string, string>>;

// textIn picks the text for a language the way the server does: that language, untagged, Chinese, English, then any.
export function textIn(text: Text | undefined, lang: string): string {
  if (text === undefined) return '';
  if (typeof text === 'string') return text;
  for (const tag of [lang, '', 'zh-CN', 'en']) {
    const found = text[tag];
    if (found !== undefined) return found;
  }
  const first = Object.keys(text).sort()[0];
  return first === undefined ? '' : (text[first] ?? '');
}

// fillText replaces each {name} of a wording by its value.
export function fillText(wording: string, values: Readonly<Record<string, string>>): string {
  return wording.replace(/\{([A-Za-z0-9_.]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
