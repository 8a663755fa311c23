import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Language = 'zh-CN' | 'en';

const locales = { 'zh-CN': read('zh-CN'), en: read('en') };

function read(language: Language): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../src/locales/${language}.json`), 'utf8'));
}

// say is what the product says for a key of its locales.
export function say(language: Language, key: string, values: Record<string, string> = {}): string {
  const found = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], locales[language]);
  if (typeof found !== 'string') throw new Error(`no words for ${key} in ${language}`);
  return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}
