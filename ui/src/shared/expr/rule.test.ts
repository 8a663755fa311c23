import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { describe, expect, it } from 'vitest';
import { seconds } from './environment';
import { compileRule, evaluate, evaluateBool, evaluateRaw, prepareVars, type RuleVars } from './rule';
import { Row, isData, type Data, type RuleField, type RuleSchema } from './row';
import { RuleError } from './rule-error';
import type { WorkCalendar } from './dates';

const testdata = resolve(import.meta.dirname, '../../../../internal/expr/testdata');
const load = <T>(name: string): T => JSON.parse(readFileSync(resolve(testdata, name), 'utf8')) as T;

interface OwnVectors {
  now: string;
  timeZone: string;
  holidays: string[];
  excluded: { expr: string; reason: string }[];
  fields: RuleField[];
  row: RuleField[];
  links: Record<string, RuleField[]>;
  vars: Record<string, Data>;
  cases: { expr: string; want: string }[];
}

const shared = load<{ vars: Record<string, Data>; expressions: string[] }>('cel.json');
const expected = load<Record<string, string>>('cel.expected.json');
const own = load<OwnVectors>('vectors.json');
const catalogue = load<{ name: string; example: string }[]>('catalogue.json');

// show writes a value the way the shared vectors do.
function show(v: unknown): string {
  if (typeof v === 'bigint') return `i:${v}`;
  if (typeof v === 'number') return `d:${v}`;
  if (v === null || typeof v === 'boolean') return String(v);
  if (typeof v === 'string') return JSON.stringify(v);
  if (v instanceof Date) return `ts:${JSON.stringify(v)}`;
  if (v instanceof Duration) return `dur:${seconds(v)}`;
  if (Array.isArray(v)) return `[${v.map(show).join(',')}]`;
  if (v instanceof Row) return show(v.plain());
  if (isData(v) && v.constructor === Object) {
    const parts = Object.entries(v).map(([key, item]) => `${show(key)}=${show(item)}`);
    return `{${parts.sort().join(',')}}`;
  }
  return `type:${String((v as { name?: string }).name ?? v)}`;
}

function outcome(source: string, vars: RuleVars): string {
  try {
    return show(evaluateRaw(compileRule(source), vars));
  } catch (error) {
    if (error instanceof RuleError) return error.failure === 'missing' ? 'MISSING' : 'ERR';
    throw error;
  }
}

const calendar: WorkCalendar = { weekend: [6, 7], days: Object.fromEntries(own.holidays.map((d) => [d, false])) };
const moment = { now: new Date(own.now), timeZone: own.timeZone, calendar };

describe('shared vectors', () => {
  const excluded = new Set(own.excluded.map((x) => x.expr));
  it.each(shared.expressions)('%s', (source) => {
    const got = outcome(source, { ...shared.vars, ...moment });
    const want = expected[source] ?? '';
    if (excluded.has(source)) expect(got).toBe('ERR');
    else if (want.startsWith('ERR')) expect(['ERR', 'MISSING']).toContain(got);
    else expect(got).toBe(want);
  });
});

describe('own vectors', () => {
  const schema: RuleSchema = { fields: own.fields, row: own.row, links: own.links };
  const vars = prepareVars(schema, { ...own.vars, ...moment });
  it.each(own.cases)('$expr', ({ expr, want }) => {
    expect(outcome(expr, vars)).toBe(want);
  });
});

describe('catalogue', () => {
  it.each(catalogue)('$name is known here too', ({ example }) => {
    expect(() => compileRule(example)).not.toThrow();
  });
});

describe('rules', () => {
  const schema: RuleSchema = {
    fields: [
      { key: 'amount', kind: 'number' },
      { key: 'items', kind: 'table', fields: [{ key: 'qty', kind: 'number' }] },
    ],
  };
  const bool = (source: string, form: Data): boolean => evaluateBool(compileRule(source), prepareVars(schema, { form }));

  it('a condition that needs a blank value is false', () => {
    expect(bool('form.amount > 5', {})).toBe(false);
    expect(bool('!(form.amount > 5)', {})).toBe(false);
    expect(bool('form.items.all(i, i.qty > 1)', { items: [{}] })).toBe(false);
    expect(bool('form.amount > 5', { amount: 6 })).toBe(true);
  });

  it('a mistake is not hidden as false', () => {
    expect(() => bool('form.amount > 5', { amount: 'six' })).toThrow(RuleError);
    expect(() => bool('form.amount', { amount: 6 })).toThrow(RuleError);
  });

  it('results are plain JSON', () => {
    const vars = prepareVars(schema, { form: { amount: 2, items: [{ qty: 1 }] }, now: new Date('2026-03-02T01:02:03Z') });
    expect(evaluate(compileRule('size(form.items) + 1'), vars)).toBe(2);
    expect(evaluate(compileRule('form.items'), vars)).toEqual([{ qty: 1 }]);
    expect(evaluate(compileRule('now'), vars)).toBe('2026-03-02T01:02:03.000Z');
    expect(() => evaluate(compileRule('form.amount / (form.amount - 2)'), vars)).toThrow('not a number');
  });

  it('a syntax error has its place', () => {
    expect(() => compileRule('form.amount >')).toThrow(RuleError);
    try {
      compileRule('form.amount > $');
    } catch (error) {
      expect((error as RuleError).at).toBe(14);
    }
  });
});
