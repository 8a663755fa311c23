import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type zh from '@/locales/zh-CN.json';
import { usePrefs, type Language } from '../prefs';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof zh };
  }
}

const wordings: Record<Language, () => Promise<{ default: object }>> = {
  'zh-CN': () => import('@/locales/zh-CN.json'),
  en: () => import('@/locales/en.json'),
};

// startI18n loads the chosen language only, and follows the choice from then on.
export async function startI18n(): Promise<void> {
  const { language } = usePrefs.getState();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: (await wordings[language]()).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
  usePrefs.subscribe(({ language: next }) => {
    if (next !== i18next.language) void follow(next);
  });
}

async function follow(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await wordings[language]()).default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
