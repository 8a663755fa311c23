import { create } from 'zustand';
import { remember, remembered } from './device-memory';

export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

interface Prefs {
  theme: Theme;
  language: Language;
  setTheme: (theme: Theme) => void;
  setLanguage: (language: Language) => void;
}

const themeKey = 'stepwell.theme';
const languageKey = 'stepwell.lang';

// usePrefs holds what a person chose about the look of the product; this device remembers it.
export const usePrefs = create<Prefs>((set) => ({
  theme: oneOf(themes, remembered(themeKey)) ?? 'system',
  language: oneOf(languages, remembered(languageKey)) ?? languageOf(navigator.language),
  setTheme: (theme) => {
    remember(themeKey, theme);
    set({ theme });
  },
  setLanguage: (language) => {
    remember(languageKey, language);
    set({ language });
  },
}));

function languageOf(tag: string): Language {
  return /^zh/i.test(tag) ? 'zh-CN' : 'en';
}

function oneOf<T extends string>(values: readonly T[], value: string | null): T | undefined {
  return values.find((candidate) => candidate === value);
}
