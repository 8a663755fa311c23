import { cleanup } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { loadSchemaProblems } from '@/features/form/use-schema-problems';
import en from '@/locales/en.json';
import zh from '@/locales/zh-CN.json';
import { usePrefs } from '@/shared/prefs';

beforeAll(async () => {
  await loadSchemaProblems();
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: false,
    resources: { en: { translation: en }, 'zh-CN': { translation: zh } },
    interpolation: { escapeValue: false },
  });
});

beforeEach(() => {
  usePrefs.setState({ language: 'en', theme: 'light' });
});

afterEach(() => {
  cleanup();
  localStorage.clear();
});
