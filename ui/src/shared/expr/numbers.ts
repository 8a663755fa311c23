import { RuleError, missing, unfit } from './rule-error';

// number reads a number; null is a missing value.
export function number(v: unknown): number {
  if (typeof v === 'number') return v;
  if (typeof v === 'bigint') return Number(v);
  throw unfit(v, 'a number');
}

export function whole(v: unknown): number {
  const n = number(v);
  if (!Number.isInteger(n) || Math.abs(n) > 2 ** 53) throw unfit(n, 'a whole number');
  return n;
}

export function numbers(list: unknown): number[] {
  if (!Array.isArray(list)) throw unfit(list, 'a list');
  return list.filter((v) => v !== null).map(number);
}

export const sum = (list: unknown): number => numbers(list).reduce((total, n) => total + n, 0);

export function avg(list: unknown): number {
  const all = numbers(list);
  if (all.length === 0) throw missing();
  return all.reduce((total, n) => total + n, 0) / all.length;
}

export const extreme =
  (better: (a: number, b: number) => boolean) =>
  (...args: unknown[]): number => {
    const all = args.length === 1 && Array.isArray(args[0]) ? numbers(args[0]) : args.map(number);
    if (all.length === 0) throw missing();
    return all.reduce((best, n) => (better(n, best) ? n : best));
  };

// round rounds the shortest decimal text, half away from zero, so that round(1.005, 2) is 1.01 as people expect.
export function round(v: unknown, decimals: unknown): number {
  const x = number(v);
  const digits = whole(decimals);
  if (digits < 0 || digits > 10) throw unfit(digits, 'a number of decimals from 0 to 10');
  if (!Number.isFinite(x)) return x;
  const text = plain(Math.abs(x));
  const dot = text.indexOf('.');
  if (dot < 0 || text.length - dot - 1 <= digits) return x;
  const up = (text[dot + 1 + digits] ?? '0') >= '5';
  const kept = BigInt(text.slice(0, dot) + text.slice(dot + 1, dot + 1 + digits)) + (up ? 1n : 0n);
  const padded = kept.toString().padStart(digits + 1, '0');
  const at = padded.length - digits;
  const result = Number(`${padded.slice(0, at)}.${padded.slice(at)}`);
  return result === 0 ? 0 : Math.sign(x) * result;
}

// plain writes a positive number without an exponent.
function plain(x: number): string {
  const [mantissa = '0', exponent] = String(x).split('e');
  if (exponent === undefined) return mantissa;
  const [units = '0', fraction = ''] = mantissa.split('.');
  const shift = Number(exponent);
  if (shift < 0) return '0.' + '0'.repeat(-shift - 1) + units + fraction;
  return units + fraction.padEnd(shift, '0');
}

export function toInt(v: unknown): bigint {
  if (typeof v === 'bigint') return v;
  if (typeof v === 'string') {
    if (!/^[+-]?\d{1,18}$/.test(v)) throw unfit(v, 'a whole number');
    return BigInt(v.replace('+', ''));
  }
  const n = number(v);
  if (!Number.isFinite(n) || Math.abs(n) >= 2 ** 63) throw new RuleError('failed', 'the whole number is too large');
  return BigInt(Math.trunc(n));
}

export function toDouble(v: unknown): number {
  if (typeof v !== 'string') return number(v);
  const n = Number(v);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(v) || !Number.isFinite(n)) throw unfit(v, 'a number');
  return n;
}
