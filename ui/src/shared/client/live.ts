import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { apiRoot } from './client';

export interface Change {
  collection: string;
  id: string;
}

interface Listener {
  change: (change: Change) => void;
  resync: () => void; // something may have been missed: load everything again
}

// useConnection tells whether the server can be reached, as far as the stream of changes shows.
export const useConnection = create<{ lost: boolean; tryNow: () => void }>(() => ({ lost: false, tryNow: () => undefined }));

// A stream that breaks once, as when the server starts anew, is taken up again before anybody need know.
const toldAfter = 2; // attempts
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
  let stopped = false;

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(apiRoot + '/events');
    source.onopen = () => {
      attempt = 0;
      useConnection.setState({ lost: false });
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
      if (attempt >= toldAfter) void tell();
    };
  };
  // What a server that answers refuses is not the connection: the session has ended, say, which whatever is asked next shows.
  const tell = async () => {
    const answers = await fetch('/healthz', { cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers && lost && attempt === toldAfter) listener.resync();
    if (!stopped) useConnection.setState({ lost: !answers && lost });
  };
  const offline = () => {
    lost = true;
    useConnection.setState({ lost: true });
  };
  const wake = () => {
    if (lost && document.visibilityState === 'visible') connect();
  };

  connect();
  useConnection.setState({ tryNow: connect });
  window.addEventListener('online', wake);
  window.addEventListener('offline', offline);
  document.addEventListener('visibilitychange', wake);
  return () => {
    stopped = true;
    useConnection.setState({ lost: false });
    clearTimeout(timer);
    source?.close();
    window.removeEventListener('online', wake);
    window.removeEventListener('offline', offline);
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
