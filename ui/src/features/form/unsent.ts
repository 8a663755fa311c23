import type { RecordData } from '@/shared/definition/form';

// Input that was not sent yet is kept on this device, so that a reload, a closed tab or a lost connection costs nothing.

const prefix = 'stepwell.unsent:';
const keptFor = 30 * 24 * 60 * 60 * 1000;
const mostKept = 40;

export interface Unsent {
  at: number; // milliseconds
  rev: number; // of the record the input was based on; 0 for a new one
  values: RecordData; // only the fields that were changed; null is an emptied one
}

// unsentKey keeps what one person typed for one record apart from everybody else's.
export function unsentKey(user: string, app: string, form: string, record: string | undefined): string {
  return prefix + [user, app, form, record ?? 'new'].map(encodeURIComponent).join('/');
}

export function loadUnsent(key: string): Unsent | undefined {
  try {
    const text = localStorage.getItem(key);
    if (text === null) return undefined;
    const kept = JSON.parse(text) as Unsent;
    return typeof kept.values === 'object' && Date.now() - kept.at < keptFor ? kept : undefined;
  } catch {
    return undefined;
  }
}

// saveUnsent tells whether the input is safe. Storage may be full or forbidden.
export function saveUnsent(key: string, unsent: Unsent): boolean {
  const text = JSON.stringify(unsent);
  try {
    localStorage.setItem(key, text);
    return true;
  } catch {
    prune(key);
  }
  try {
    localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

export function discardUnsent(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // What cannot be stored cannot be left over.
  }
}

// prune forgets the oldest half of what is kept, and everything too old to be of use.
function prune(except: string): void {
  const kept = Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix) && key !== except)
    .map((key) => ({ key, at: loadUnsent(key)?.at ?? 0 }))
    .sort((a, b) => b.at - a.at);
  kept.slice(Math.min(mostKept, Math.floor(kept.length / 2))).forEach(({ key }) => discardUnsent(key));
}
