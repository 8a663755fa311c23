import { Environment } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import * as dates from './dates';
import { avg, extreme, number, round, sum, toDouble, toInt } from './numbers';
import { equal, operators } from './operators';
import { sharedPattern } from './pattern';
import { missing, unfit } from './rule-error';
import { Row } from './row';
import { edge, lower, replace, text, trim, upper } from './words';

const ts = 'google.protobuf.Timestamp';
const length = 'google.protobuf.Duration';

export function isBlank(v: unknown): boolean {
  if (v === null) return true;
  if (typeof v === 'string') return trim(v) === '';
  if (Array.isArray(v)) return v.length === 0;
  return isRecord(v) && Object.keys(v).length === 0;
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && (v instanceof Row || v.constructor === Object);

export function toText(v: unknown): string {
  if (v instanceof Date) return v.toISOString();
  if (v instanceof Duration) return `${seconds(v)}s`;
  if (typeof v === 'number') return Number.isFinite(v) ? String(v === 0 ? 0 : v) : v > 0 ? '+Inf' : v < 0 ? '-Inf' : 'NaN';
  if (typeof v === 'string' || typeof v === 'boolean' || typeof v === 'bigint' || v instanceof UnsignedInt) return String(v);
  throw unfit(v, 'a text');
}

// seconds writes a duration to the millisecond, as the server does.
export function seconds(d: Duration): string {
  const ms = Math.trunc(d.valueOf());
  const rest = Math.abs(ms % 1000);
  const whole = `${ms < 0 ? '-' : ''}${Math.trunc(Math.abs(ms) / 1000)}`;
  return rest === 0 ? whole : `${whole}.${String(1000 + rest).slice(1).replace(/0+$/, '')}`;
}

function join(list: unknown, separator: unknown): string {
  if (!Array.isArray(list)) throw unfit(list, 'a list');
  const glue = text(separator);
  return list
    .filter((v) => v !== null)
    .map(toText)
    .join(glue);
}

function coalesce(...args: unknown[]): unknown {
  return args.find((v) => !isBlank(v)) ?? args[args.length - 1];
}

function inList(v: unknown, list: unknown): boolean {
  if (!Array.isArray(list)) throw unfit(list, 'a list');
  const several = Array.isArray(v) ? v : [v];
  return several.some((item) => list.some((other) => equal(item, other)));
}

function present(on: unknown, key: string): boolean {
  if (on instanceof Row) return on.isSet(key);
  if (!isRecord(on)) throw missing();
  return Object.hasOwn(on, key);
}

const patterns = new Map<string, RegExp>();

function matches(v: unknown, pattern: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) patterns.set(pattern, (compiled = sharedPattern(pattern)));
  return compiled.test(text(v));
}

type Reader = (p: dates.Parts, t: Date) => number;
const dayMs = 86_400_000;
const startOfYear = (y: number): number => new Date(0).setUTCFullYear(y, 0, 1);
const midnight = (p: dates.Parts): number => new Date(0).setUTCFullYear(p.year, p.month - 1, p.day);

const readers: Record<string, Reader> = {
  FullYear: (p) => p.year,
  Month: (p) => p.month - 1,
  Date: (p) => p.day,
  DayOfMonth: (p) => p.day - 1,
  DayOfWeek: (p) => new Date(midnight(p)).getUTCDay(),
  DayOfYear: (p) => (midnight(p) - startOfYear(p.year)) / dayMs,
  Hours: (p) => p.hour,
  Minutes: (p) => p.minute,
  Seconds: (p) => p.second,
  Milliseconds: (_p, t) => t.getUTCMilliseconds(),
};

const perUnit: Record<string, number> = { Hours: 3_600_000, Minutes: 60_000, Seconds: 1000, Milliseconds: 1 };

function registerTimeParts(env: Environment): void {
  for (const [name, read] of Object.entries(readers)) {
    const part = (t: Date, zone: string): bigint => BigInt(read(dates.partsIn(t, zone), t));
    env.registerFunction(`get${name}__(${ts}): int`, (t: Date) => part(t, 'UTC'));
    env.registerFunction(`get${name}__(${ts}, string): int`, part);
    const unit = perUnit[name];
    if (unit) env.registerFunction(`get${name}__(${length}): int`, (d: Duration) => BigInt(Math.trunc(d.valueOf() / unit)));
  }
}

// registerArithmetic lets mixed numbers pass the check that comes before a rule is written again.
function registerArithmetic(env: Environment): void {
  for (const op of ['+', '-', '*', '/', '%']) {
    const run = operators[op]?.run;
    for (const [left, right] of [['double', 'int'], ['int', 'double'], ...(op === '%' ? [['double', 'double']] : [])]) {
      if (run) env.registerOperator(`${left} ${op} ${right}: double`, (a: unknown, b: unknown) => run(a, b));
    }
  }
}

function registerReplacements(env: Environment): void {
  for (const { name, result, run } of Object.values(operators)) env.registerFunction(`${name}(dyn, dyn): ${result}`, run);
  env.registerFunction('has__(dyn, string): bool', present);
  env.registerFunction('matches__(dyn, string): bool', matches);
  // Rules are checked before they are written again, so these two must be known by their public name as well.
  env.registerFunction(`string(${ts}): string`, toText);
  env.registerFunction(`string(${length}): string`, toText);
  env.registerFunction('string__(dyn): string', toText);
  env.registerFunction('double__(dyn): double', toDouble);
  env.registerFunction('int__(dyn): int', toInt);
  env.registerFunction('timestamp__(dyn): google.protobuf.Timestamp', dates.toMoment);
  env.registerFunction('bool__(bool): bool', (v: boolean) => v);
}

type Call = (...args: never[]) => unknown;

// The platform's functions. internal/expr holds the catalogue; a test compiles the example of every entry here.
const functions: [name: string, counts: number[], result: string, call: Call, onList?: true][] = [
  ['sum', [1], 'double', sum, true],
  ['avg', [1], 'double', avg, true],
  ['min', [1, 2, 3, 4], 'double', extreme((a, b) => a < b), true],
  ['max', [1, 2, 3, 4], 'double', extreme((a, b) => a > b), true],
  ['round', [2], 'double', round],
  ['abs', [1], 'double', (v: unknown) => Math.abs(number(v))],
  ['floor', [1], 'double', (v: unknown) => Math.floor(number(v))],
  ['ceil', [1], 'double', (v: unknown) => Math.ceil(number(v)) + 0],
  ['today', [0], 'string', dates.today],
  ['dateOf', [1], 'string', dates.dateOf],
  ['year', [1], 'int', dates.year],
  ['month', [1], 'int', dates.month],
  ['day', [1], 'int', dates.day],
  ['weekday', [1], 'int', dates.weekday],
  ['daysBetween', [2], 'int', dates.daysBetween],
  ['addDays', [2], 'string', dates.addDays],
  ['addMonths', [2], 'string', dates.addMonths],
  ['workdays', [2], 'int', dates.workdays],
  ['addWorkdays', [2], 'string', dates.addWorkdays],
  ['lower', [1], 'string', lower],
  ['upper', [1], 'string', upper],
  ['trim', [1], 'string', trim],
  ['left', [2], 'string', edge(false)],
  ['right', [2], 'string', edge(true)],
  ['replace', [3], 'string', replace],
  ['join', [2], 'string', join, true],
  ['isBlank', [1], 'bool', isBlank],
  ['coalesce', [2, 3, 4], 'dyn', coalesce],
  ['inList', [2], 'bool', inList],
];

export function makeEnvironment(): Environment {
  const env = new Environment({ homogeneousAggregateLiterals: false, limits: { maxDepth: 100 } });
  env.registerType('Row', Row);
  for (const name of ['form', 'row', 'record', 'user', 'link']) env.registerVariable(name, 'dyn');
  env.registerVariable('now', ts);
  for (const [name, counts, result, call, onList] of functions) {
    // The library calls a function with itself as this and its own arguments behind ours.
    for (const n of counts) {
      const handler = (...args: never[]): unknown => call(...args.slice(0, n));
      env.registerFunction(`${name}(${Array(n).fill('dyn').join(', ')}): ${result}`, handler);
    }
    const [n = 1] = counts;
    if (onList) {
      env.registerFunction(`list.${name}(${Array(n - 1).fill('dyn').join(', ')}): ${result}`, (...args: never[]): unknown => call(...args.slice(0, n)));
    }
  }
  registerArithmetic(env);
  registerReplacements(env);
  registerTimeParts(env);
  return env;
}
