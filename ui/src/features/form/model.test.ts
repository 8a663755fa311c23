import { expect, test } from 'vitest';
import { fieldsOf } from '@/shared/definition/fields';
import { changesOf, defaultsOf, derive, same } from './model';
import { ruleRunner } from './rules';

const others = { link: {}, record: {}, user: { id: 'u1' }, now: new Date('2026-03-02T00:00:00Z') };

function formOf(properties: Record<string, unknown>, required: string[] = []) {
  const fields = fieldsOf({ properties, required });
  const evaluate = ruleRunner(fields);
  return {
    fields,
    derive: (values: Record<string, unknown>, access = {}) => derive(fields, values, access, others, evaluate),
    defaults: (given = {}) => defaultsOf(fields, given, others, evaluate),
  };
}

const quote = {
  lines: {
    'x-field': 'subTable',
    items: {
      properties: {
        quantity: { 'x-field': 'number' },
        price: { 'x-field': 'money' },
        sum: { 'x-field': 'formula', 'x-formula': 'row.quantity * row.price' },
      },
    },
  },
  total: { 'x-field': 'formula', 'x-formula': 'sum(form.lines.map(l, l.sum))' },
  withTax: { 'x-field': 'formula', 'x-formula': 'round(form.total * 1.13, 2)' },
};

test('derive/formulas_follow_rows_and_each_other', () => {
  const { data } = formOf(quote).derive({ lines: [{ quantity: 2, price: 10.5 }, { quantity: 1, price: 99 }] });
  expect(data.lines).toEqual([
    { quantity: 2, price: 10.5, sum: 21 },
    { quantity: 1, price: 99, sum: 99 },
  ]);
  expect(data.total).toBe(120);
  expect(data.withTax).toBe(135.6);
});

test('derive/a_formula_that_lacks_a_value_has_none', () => {
  const { data } = formOf(quote).derive({ lines: [{ quantity: 2, sum: 5 }] });
  expect(data.lines).toStrictEqual([{ quantity: 2 }]);
});

test('derive/what_a_rule_hides_is_not_kept', () => {
  const form = formOf({ kind: { 'x-field': 'text' }, reason: { 'x-field': 'text', 'x-show': 'form.kind == "lost"' } });
  expect(form.derive({ kind: 'won', reason: 'old' })).toMatchObject({ data: { kind: 'won' }, states: { reason: { shown: false, writable: false } } });
  expect(form.derive({ kind: 'lost', reason: 'price' }).data).toEqual({ kind: 'lost', reason: 'price' });
});

test('derive/a_rule_that_cannot_be_computed_hides_and_locks_nothing', () => {
  const form = formOf({ a: { 'x-field': 'text', 'x-show': 'nonsense(', 'x-lock': 'also nonsense', 'x-require': '1 +' } });
  expect(form.derive({}).states.a).toEqual({ shown: true, writable: true, locked: false, required: false });
});

test('derive/access_and_rules_decide_together', () => {
  const form = formOf(
    {
      a: { 'x-field': 'text' },
      b: { 'x-field': 'text', 'x-require': 'form.a == "x"' },
      c: { 'x-field': 'text', 'x-lock': 'form.a == "x"' },
      d: { 'x-field': 'autoNumber' },
    },
    ['a', 'c'],
  );
  const { states } = form.derive({ a: 'x' }, { a: 'read' });
  expect(states.a).toMatchObject({ shown: true, writable: false, required: false });
  expect(states.b).toMatchObject({ writable: true, required: true });
  expect(states.c).toMatchObject({ writable: false, locked: true, required: false });
  expect(states.d).toMatchObject({ shown: true, writable: false });
  expect(form.derive({}, { a: 'hidden', b: 'required' }).states).toMatchObject({ a: { shown: false }, b: { required: true } });
});

test('changesOf/is_a_merge_patch_of_writable_fields', () => {
  const form = formOf({ a: { 'x-field': 'text' }, b: { 'x-field': 'text' }, c: { 'x-field': 'text' }, d: { 'x-field': 'multiChoice' } });
  const base = { a: 'old', b: 'gone', c: 'kept', d: ['1'] };
  const derived = form.derive({ a: 'new', b: null, c: 'changed', d: ['1'] }, { c: 'read' });
  expect(changesOf(base, derived)).toEqual({ a: 'new', b: null });
});

test('defaultsOf/constants_then_rules_never_over_what_was_given', () => {
  const form = formOf({
    a: { 'x-field': 'text', default: 'plain' },
    b: { 'x-field': 'person', 'x-default': 'user.id' },
    c: { 'x-field': 'text', 'x-default': 'user.name' },
  });
  expect(form.defaults({ a: 'given' })).toEqual({ a: 'given', b: 'u1' });
});

test('same/compares_json_by_value', () => {
  expect(same({ a: [1, { b: 2 }], c: undefined }, { a: [1, { b: 2 }] })).toBe(true);
  expect(same([1], { 0: 1 })).toBe(false);
  expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false);
});
