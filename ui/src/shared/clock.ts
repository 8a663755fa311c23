import { useSyncExternalStore } from 'react';

// The server's clock is the only one that deadlines know. It may be days away from this device's, or stand still
// (serve --manual-clock).

const tick = 30_000;
let ahead = 0;
let standing: number | undefined;
let shown = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

// syncClock takes over the server's moment, as it came in an answer.
export function syncClock(serverNow: string, manual: boolean): void {
  const moment = Date.parse(serverNow);
  if (Number.isNaN(moment)) return;
  standing = manual ? moment : undefined;
  ahead = moment - Date.now();
  refresh();
}

// now is the server's current moment in milliseconds.
export function now(): number {
  return standing ?? Date.now() + ahead;
}

// useNow renders again about every half minute.
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => shown);
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    shown = now();
    timer = setInterval(refresh, tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function refresh(): void {
  shown = now();
  for (const listener of listeners) listener();
}
