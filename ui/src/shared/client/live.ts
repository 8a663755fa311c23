import { useEffect, useRef } from 'react';
import { apiRoot } from './client';

export interface Change {
  collection: string;
  id: string;
}

interface Listener {
  change: (change: Change) => void;
  resync: () => void; // something may have been missed: load everything again
}

const shortest = 1_000;
const longest = 30_000;

// backOff is how long to wait, in milliseconds, before the n-th attempt to connect again; chance is in [0, 1) and keeps
// many browsers from coming back in the same instant.
export function backOff(attempt: number, chance: number): number {
  const ceiling = Math.min(longest, shortest * 2 ** attempt);
  return Math.round(ceiling * (0.5 + chance / 2));
}

// listen keeps a stream of changes open until the function it gives is called.
export function listen(listener: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let lost = false;

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(apiRoot + '/events');
    source.onopen = () => {
      attempt = 0;
      if (lost) listener.resync();
      lost = false;
    };
    source.addEventListener('change', (event) => {
      listener.change(JSON.parse((event as MessageEvent<string>).data) as Change);
    });
    source.addEventListener('resync', () => listener.resync());
    source.onerror = () => {
      source?.close();
      lost = true;
      timer = setTimeout(connect, backOff(attempt, Math.random()));
      attempt += 1;
    };
  };
  const wake = () => {
    if (lost && document.visibilityState === 'visible') connect();
  };

  connect();
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  return () => {
    clearTimeout(timer);
    source?.close();
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
  };
}

// useLive listens while a component is shown.
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () => listen({ change: (change) => latest.current.change(change), resync: () => latest.current.resync() }),
    [],
  );
}
