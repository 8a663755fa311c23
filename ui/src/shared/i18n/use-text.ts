import { useCallback } from 'react';
import { textIn, type Text } from '../definition/text';
import { usePrefs } from '../prefs';

// useText gives a function that reads a definition's text in the person's language.
export function useText(): (text: Text | undefined) => string {
  const language = usePrefs((prefs) => prefs.language);
  return useCallback((text) => textIn(text, language), [language]);
}
