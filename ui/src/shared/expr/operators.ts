import { Duration } from '@marcbachmann/cel-js/evaluator';
import { Row, isData } from './row';
import { RuleError, missing } from './rule-error';
import { byCodePoint } from './words';

// The operators as the server has them. The library decides by the type of a list's first item, knows no mixed numbers and
// orders texts by UTF-16 units; the server does none of that.

const isNumber = (v: unknown): v is number | bigint => typeof v === 'number' || typeof v === 'bigint';

function mismatch(...operands: unknown[]): RuleError {
  return operands.includes(null) ? missing() : new RuleError('mismatch', 'the values do not fit the operation');
}

const largest = 2n ** 63n;

function int(v: bigint): bigint {
  if (v >= largest || v < -largest) throw new RuleError('failed', 'the whole number is too large');
  return v;
}

interface Arithmetic {
  ints: (a: bigint, b: bigint) => bigint;
  doubles: (a: number, b: number) => number;
}

function calculate(a: unknown, b: unknown, by: Arithmetic): number | bigint {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(by.ints(a, b));
  if (isNumber(a) && isNumber(b)) return by.doubles(Number(a), Number(b));
  throw mismatch(a, b);
}

function divisor(v: bigint): bigint {
  if (v === 0n) throw new RuleError('failed', 'a number is divided by zero');
  return v;
}

const plus: Arithmetic = { ints: (a, b) => a + b, doubles: (a, b) => a + b };
const minus: Arithmetic = { ints: (a, b) => a - b, doubles: (a, b) => a - b };
const times: Arithmetic = { ints: (a, b) => a * b, doubles: (a, b) => a * b };
const over: Arithmetic = { ints: (a, b) => a / divisor(b), doubles: (a, b) => a / b };
const rest: Arithmetic = { ints: (a, b) => a % divisor(b), doubles: (a, b) => a % b };

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...(a as unknown[]), ...(b as unknown[])];
  if (a instanceof Date && b instanceof Duration) return b.extendTimestamp(a);
  if (a instanceof Duration && b instanceof Date) return a.extendTimestamp(b);
  if (a instanceof Duration && b instanceof Duration) return a.addDuration(b);
  return calculate(a, b, plus);
}

function subtract(a: unknown, b: unknown): unknown {
  if (a instanceof Date && b instanceof Date) return Duration.fromMilliseconds(a.getTime() - b.getTime());
  if (a instanceof Date && b instanceof Duration) return b.subtractTimestamp(a);
  if (a instanceof Duration && b instanceof Duration) return a.subtractDuration(b);
  return calculate(a, b, minus);
}

// equal compares deeply; numbers of both kinds are one, and values of different kinds are never equal.
export function equal(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return a == b;
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (a instanceof Duration) return b instanceof Duration && a.valueOf() === b.valueOf();
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (!isRecord(a)) return a === b;
  if (!isRecord(b)) return false;
  const [x, y] = [membersOf(a), membersOf(b)];
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every((key) => Object.hasOwn(y, key) && equal(x[key], y[key]));
}

const isRecord = (v: unknown): v is Row | Record<string, unknown> => v instanceof Row || (isData(v) && v.constructor === Object);
const membersOf = (v: Row | Record<string, unknown>): Record<string, unknown> => (v instanceof Row ? v.plain() : v);

function contains(item: unknown, within: unknown): boolean {
  if (Array.isArray(within)) return within.some((other) => equal(item, other));
  if (isRecord(within) && typeof item === 'string') return Object.hasOwn(membersOf(within), item);
  throw mismatch(within);
}

function order(a: unknown, b: unknown): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : a == b ? 0 : NaN;
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Duration && b instanceof Duration) return a.valueOf() - b.valueOf();
  throw mismatch(a, b);
}

function at(on: unknown, key: unknown): unknown {
  if (on === null || key === null) throw missing();
  if (Array.isArray(on)) {
    const i = isNumber(key) ? Number(key) : NaN;
    if (!Number.isInteger(i)) throw mismatch(key);
    if (i < 0 || i >= on.length) throw missing();
    return on[i] as unknown;
  }
  if (!isRecord(on) || typeof key !== 'string') throw mismatch(on, key);
  const value = Object.hasOwn(on, key) ? on[key] : undefined;
  if (value === undefined) throw missing();
  return value;
}

// operators are the functions that a rule's operators are rewritten to.
export const operators: Record<string, { name: string; result: string; run: (a: unknown, b: unknown) => unknown }> = {
  '+': { name: 'add__', result: 'dyn', run: add },
  '-': { name: 'subtract__', result: 'dyn', run: subtract },
  '*': { name: 'multiply__', result: 'dyn', run: (a, b) => calculate(a, b, times) },
  '/': { name: 'divide__', result: 'dyn', run: (a, b) => calculate(a, b, over) },
  '%': { name: 'modulo__', result: 'dyn', run: (a, b) => calculate(a, b, rest) },
  '==': { name: 'equal__', result: 'bool', run: equal },
  '!=': { name: 'unequal__', result: 'bool', run: (a, b) => !equal(a, b) },
  '<': { name: 'less__', result: 'bool', run: (a, b) => order(a, b) < 0 },
  '<=': { name: 'lessOrEqual__', result: 'bool', run: (a, b) => order(a, b) <= 0 },
  '>': { name: 'greater__', result: 'bool', run: (a, b) => order(a, b) > 0 },
  '>=': { name: 'greaterOrEqual__', result: 'bool', run: (a, b) => order(a, b) >= 0 },
  in: { name: 'in__', result: 'bool', run: contains },
  '[]': { name: 'at__', result: 'dyn', run: at },
};
