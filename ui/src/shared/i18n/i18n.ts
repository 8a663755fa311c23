import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type zh from '@/locales/zh-CN.json';
import { usePrefs, type Language } from '../prefs';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof zh };
  }
}

type Load = () => Promise<{ default: object }>;

// A language's words come in two parts, so that a phone's first page does not wait for those of pages it may never see.
// vite.config.ts says which are first.
const firstPart: Record<Language, Load> = {
  'zh-CN': () => import('virtual:words/zh-CN/first'),
  en: () => import('virtual:words/en/first'),
};
const restPart: Record<Language, Load> = {
  'zh-CN': () => import('virtual:words/zh-CN/rest'),
  en: () => import('virtual:words/en/rest'),
};

const namespace = 'translation';
const whole = new Map<Language, Promise<void>>();

// startI18n loads the chosen language only, and follows the choice from then on.
export async function startI18n(): Promise<void> {
  const { language } = usePrefs.getState();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { [namespace]: (await firstPart[language]()).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { bindI18nStore: 'added' },
  });
  document.documentElement.lang = language;
  usePrefs.subscribe(({ language: next }) => {
    if (next !== i18next.language) void follow(next);
  });
}

// allWords waits until every word of the language in use is there. Only the first pages may be shown before.
export function allWords(): Promise<void> {
  return restOf(usePrefs.getState().language);
}

function restOf(language: Language): Promise<void> {
  const loading = whole.get(language) ?? load(language);
  whole.set(language, loading);
  return loading;
}

async function load(language: Language): Promise<void> {
  try {
    i18next.addResourceBundle(language, namespace, (await restPart[language]()).default, true);
  } catch (error) {
    whole.delete(language);
    throw error;
  }
}

async function follow(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, namespace)) {
    i18next.addResourceBundle(language, namespace, (await firstPart[language]()).default);
  }
  await restOf(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
