import { useEffect, useRef, useState } from 'react';
import { asProblem } from '@/shared/client/problem';
import type { FileRef } from '@/shared/definition/form';
import { useFieldHost } from '../host';

export interface Upload {
  key: string;
  name: string;
  size: number;
  done: number; // 0 to 1
  failed?: { title: string; detail: string; again: boolean };
}

interface Uploads {
  uploads: readonly Upload[];
  start: (file: File) => void;
  refuse: (file: File, why: string) => void;
  retry: (key: string) => void;
  drop: (key: string) => void;
}

// useUploads sends files one beside the other and hands each over when it is stored. What failed stays to be tried again.
export function useUploads(path: string, onStored: (file: FileRef) => void): Uploads {
  const host = useFieldHost();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const sent = useRef(new Map<string, { file: File; stop: AbortController }>());
  const stored = useRef(onStored);
  useEffect(() => {
    stored.current = onStored;
  });

  const waiting = uploads.filter((upload) => !upload.failed).length;
  const { busy } = host;
  useEffect(() => {
    busy(path, waiting);
  }, [busy, path, waiting]);
  useEffect(() => {
    const running = sent.current;
    return () => {
      for (const { stop } of running.values()) stop.abort();
      busy(path, 0);
    };
  }, [busy, path]);

  const change = (key: string, to: Partial<Upload>) =>
    setUploads((list) => list.map((upload) => (upload.key === key ? { ...upload, ...to } : upload)));
  const forget = (key: string) => {
    sent.current.get(key)?.stop.abort();
    sent.current.delete(key);
    setUploads((list) => list.filter((upload) => upload.key !== key));
  };
  const send = (key: string, file: File) => {
    const stop = new AbortController();
    sent.current.set(key, { file, stop });
    host.upload(path, file, (done) => change(key, { done }), stop.signal).then(
      (ref) => {
        if (stop.signal.aborted) return;
        forget(key);
        stored.current(ref);
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const problem = asProblem(error);
        const first = problem.errors[0]?.message;
        change(key, { failed: { title: first ?? problem.title, detail: first ? '' : problem.detail, again: problem.status === 0 || problem.status >= 500 } });
      },
    );
  };

  return {
    uploads,
    start: (file) => {
      const key = crypto.randomUUID();
      setUploads((list) => [...list, { key, name: file.name, size: file.size, done: 0 }]);
      send(key, file);
    },
    refuse: (file, why) => {
      const failed = { title: why, detail: '', again: false };
      setUploads((list) => [...list, { key: crypto.randomUUID(), name: file.name, size: file.size, done: 0, failed }]);
    },
    retry: (key) => {
      const again = sent.current.get(key);
      if (!again) return;
      setUploads((list) => list.map((upload) => (upload.key === key ? { key, name: upload.name, size: upload.size, done: 0 } : upload)));
      send(key, again.file);
    },
    drop: forget,
  };
}
