import { RuleError, unfit } from './rule-error';
import { number, whole } from './numbers';

// Calendar says which days people work; the key of days is "2026-10-01". Weekdays count from 1, Monday, to 7, Sunday.
export interface WorkCalendar {
  weekend: readonly number[];
  days: Readonly<Record<string, boolean>>;
}

// Scope is what functions know besides their arguments. Evaluation is synchronous, so one at a time is in force.
export interface Scope {
  now: Date | undefined;
  timeZone: string;
  calendar: WorkCalendar | undefined;
}

let scope: Scope = { now: undefined, timeZone: 'UTC', calendar: undefined };

export function within<T>(next: Scope, run: () => T): T {
  const before = scope;
  scope = next;
  try {
    return run();
  } finally {
    scope = before;
  }
}

const dayLength = 86_400_000;
const spanLimit = 36525;
const mondayToFriday: WorkCalendar = { weekend: [6, 7], days: {} };

export interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

export const zoneForm = /^[A-Z][A-Za-z_]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;

export function isZone(name: string): boolean {
  if (!zoneForm.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

// partsIn reads what the wall clock of a zone shows.
export function partsIn(moment: Date, timeZone: string): Parts {
  const found: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(moment)) found[type] = Number(value);
  const of = (name: keyof Parts): number => found[name] ?? 0;
  return { year: of('year'), month: of('month'), day: of('day'), hour: of('hour'), minute: of('minute'), second: of('second') };
}

// toMoment reads RFC 3339 to the millisecond.
export function toMoment(v: unknown): Date {
  if (v instanceof Date) return v;
  if (typeof v !== 'string') throw unfit(v, 'a moment');
  const m = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.exec(v);
  const day = m && dayNumber(m[1] ?? '');
  if (!m || day === undefined || day === null || Number(m[2]) > 23 || Number(m[3]) > 59 || Number(m[4]) > 59) throw unfit(v, 'a moment');
  const time = new Date(`${m[1] ?? ''}T${m[2] ?? ''}:${m[3] ?? ''}:${m[4] ?? ''}${(m[5] ?? '').slice(0, 4)}${m[6] ?? ''}`);
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) throw unfit(v, 'a moment');
  return time;
}

// dayNumber counts days from 1970-01-01; undefined when the text is no date.
function dayNumber(date: string): number | undefined {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!m) return undefined;
  const t = new Date(`${date}T00:00:00.000Z`);
  if (Number.isNaN(t.getTime()) || t.getUTCFullYear() < 1 || t.toISOString().slice(0, 10) !== date) return undefined;
  return t.getTime() / dayLength;
}

// dayOf reads a date, or the date that a moment falls on in the scope's zone.
function dayOf(v: unknown): number {
  if (typeof v === 'string' && v.length === 10) {
    const day = dayNumber(v);
    if (day === undefined) throw unfit(v, 'a date');
    return day;
  }
  if (typeof v !== 'string' && !(v instanceof Date)) throw unfit(v, 'a date');
  const p = partsIn(toMoment(v), scope.timeZone);
  const t = new Date(0);
  t.setUTCFullYear(p.year, p.month - 1, p.day);
  return t.getTime() / dayLength;
}

function dateText(day: number): string {
  const t = new Date(day * dayLength);
  if (Number.isNaN(t.getTime()) || t.getUTCFullYear() < 1 || t.getUTCFullYear() > 9999) throw new RuleError('failed', 'the date is too far away');
  return t.toISOString().slice(0, 10);
}

const dateOfDay = (day: number): Date => new Date(day * dayLength);
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

export function today(): string {
  if (!scope.now) throw new RuleError('failed', 'now is not given');
  return dateText(dayOf(scope.now));
}

export const dateOf = (v: unknown): string => dateText(dayOf(v));
export const year = (v: unknown): bigint => BigInt(dateOfDay(dayOf(v)).getUTCFullYear());
export const month = (v: unknown): bigint => BigInt(dateOfDay(dayOf(v)).getUTCMonth() + 1);
export const day = (v: unknown): bigint => BigInt(dateOfDay(dayOf(v)).getUTCDate());
export const weekday = (v: unknown): bigint => BigInt(weekdayOf(dayOf(v)));
export const daysBetween = (from: unknown, to: unknown): bigint => BigInt(dayOf(to) - dayOf(from));

function count(v: unknown, limit: number): number {
  const n = whole(v);
  if (Math.abs(n) > limit) throw unfit(n, 'within a hundred years');
  return n;
}

export const addDays = (v: unknown, n: unknown): string => dateText(dayOf(v) + count(n, spanLimit * 100));

export function addMonths(v: unknown, n: unknown): string {
  const from = dateOfDay(dayOf(v));
  const months = from.getUTCFullYear() * 12 + from.getUTCMonth() + count(n, 12 * 10000);
  const at = (y: number, m: number, d: number): Date => {
    const t = new Date(0);
    t.setUTCFullYear(y, m, d);
    return t;
  };
  const y = Math.floor(months / 12);
  const m = months - y * 12;
  const last = at(y, m + 1, 0).getUTCDate();
  return dateText(at(y, m, Math.min(from.getUTCDate(), last)).getTime() / dayLength);
}

function working(d: number): boolean {
  const calendar = scope.calendar ?? mondayToFriday;
  return calendar.days[dateText(d)] ?? !calendar.weekend.includes(weekdayOf(d));
}

// workdays counts the working days from one date to another, both included; negative when the second is earlier.
export function workdays(a: unknown, b: unknown): bigint {
  let [from, to, sign] = [dayOf(a), dayOf(b), 1];
  if (to < from) [from, to, sign] = [to, from, -1];
  if (to - from > spanLimit) throw unfit(dateText(to), 'within a hundred years');
  let n = 0;
  for (let d = from; d <= to; d++) if (working(d)) n++;
  return BigInt(sign * n);
}

// addWorkdays gives the n-th working day after or before a date, which is itself day 0.
export function addWorkdays(v: unknown, by: unknown): string {
  let d = dayOf(v);
  let n = count(by, spanLimit);
  const step = n < 0 ? -1 : 1;
  n = Math.abs(n);
  if (n === 0 && !working(d)) n = 1;
  for (let walked = 0; n > 0; walked++) {
    if (walked > spanLimit) throw unfit(number(by), 'within a hundred years');
    d += step;
    if (working(d)) n--;
  }
  return dateText(d);
}
