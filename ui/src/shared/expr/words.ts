import { whole } from './numbers';
import { unfit } from './rule-error';

// The same set of blanks as on the server; JavaScript's own trim knows others.
const blanks = /^[ \t\n\v\f\r\u00a0\u3000]+|[ \t\n\v\f\r\u00a0\u3000]+$/gu;

export function text(v: unknown): string {
  if (typeof v !== 'string') throw unfit(v, 'a text');
  return v;
}

// lower and upper change A to Z only: beyond ASCII the two sides do not agree.
export const lower = (v: unknown): string => text(v).replace(/[A-Z]+/g, (s) => s.toLowerCase());
export const upper = (v: unknown): string => text(v).replace(/[a-z]+/g, (s) => s.toUpperCase());
export const trim = (v: unknown): string => text(v).replace(blanks, '');

export function edge(last: boolean) {
  return (v: unknown, count: unknown): string => {
    const all = [...text(v)];
    const n = Math.min(Math.max(whole(count), 0), all.length);
    return (last ? all.slice(all.length - n) : all.slice(0, n)).join('');
  };
}

export function replace(v: unknown, old: unknown, by: unknown): string {
  const [s, from, to] = [text(v), text(old), text(by)];
  return from === '' ? s : s.split(from).join(to);
}

// byCodePoint orders texts as the server does; JavaScript's < looks at UTF-16 units.
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

// rank puts surrogates, which stand for the highest code points, above everything else.
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
