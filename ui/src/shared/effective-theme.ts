import { useSyncExternalStore } from 'react';
import { usePrefs } from './prefs';

const dark = '(prefers-color-scheme: dark)';

// followTheme keeps data-theme on <html> true to what a person chose, or to the system while they chose nothing.
export function followTheme(): void {
  const apply = () => {
    const { theme } = usePrefs.getState();
    document.documentElement.dataset.theme = theme === 'system' ? (matchMedia(dark).matches ? 'dark' : 'light') : theme;
  };
  matchMedia(dark).addEventListener('change', apply);
  usePrefs.subscribe(apply);
  apply();
}

// useEffectiveTheme is what is shown now, for the few things that cannot read a stylesheet.
export function useEffectiveTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'));
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
