import { useSyncExternalStore } from 'react';

// The same width at which the stylesheets change to the phone's layout.
const query = '(max-width: 767px)';

export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(query);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}
