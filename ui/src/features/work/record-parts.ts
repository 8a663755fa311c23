import { allWords } from '@/shared/i18n/i18n';

// The parts of a record's page that come after its form: what is around it, the path and the history.

export const loadPath = async () => ({ default: (await import('./record-path')).RecordPath });
export const loadAbout = async () => ({ default: (await import('./record-aside')).RecordAbout });

export const loadLog = later(async () => (await import('./record-log')).RecordLog);

// later loads a part whose words may not be here yet, for lazy.
export function later<Part>(load: () => Promise<Part>): () => Promise<{ default: Part }> {
  return async () => {
    const [part] = await Promise.all([load(), allWords()]);
    return { default: part };
  };
}

// loadParts begins to load them, so that they are here when the record is. One that cannot be had now is asked for again
// when it is shown.
export function loadParts(): void {
  for (const load of [loadPath, loadAbout, loadLog]) load().catch(() => undefined);
}
