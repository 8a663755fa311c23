import { expect, test } from 'vitest';
import { fieldsOf } from '@/shared/definition/fields';
import { countFilters, filterKind, filterOf, readState, withoutFilters, writeState, type ListState } from './list-state';

const fields = fieldsOf({
  properties: {
    amount: { type: 'number', 'x-field': 'money' },
    source: { enum: ['fair', 'web'] },
    tags: { type: 'array', items: { enum: ['a', 'b'] } },
    name: { type: 'string' },
    day: { type: 'string', format: 'date' },
    seen: { type: 'string', format: 'date-time' },
    hot: { type: 'boolean' },
    margin: { 'x-field': 'formula', type: 'number' },
    report: { 'x-field': 'file', type: 'array' },
  },
});

const state = (address: string): ListState => readState(new URLSearchParams(address));
const filter = (address: string) => filterOf(state(address), fields, 'u1');

test('filterOf/nothing_chosen_asks_for_everything', () => {
  expect(filter('')).toBeUndefined();
  expect(filter('q=door&sort=-dueAt&columns=name')).toBeUndefined();
});

test('filterOf/one_value_is_itself_and_several_are_a_set', () => {
  expect(filter('stage=a')).toEqual({ stage: 'a' });
  expect(filter('stage=a&stage=b&status=ended')).toEqual({ stage: { $in: ['a', 'b'] }, status: 'ended' });
  expect(filter('f.source=fair&f.tags=a&f.tags=b')).toEqual({ 'data.source': 'fair', 'data.tags': { $in: ['a', 'b'] } });
});

test('filterOf/mine_and_overdue', () => {
  expect(filter('owner=me&overdue=true')).toEqual({ owner: 'u1', overdue: true });
});

test('filterOf/ranges_of_numbers_and_days_may_be_open', () => {
  expect(filter('f.amount.min=1000')).toEqual({ 'data.amount': { $gte: 1000 } });
  expect(filter('f.margin.max=0')).toEqual({ 'data.margin': { $lte: 0 } });
  expect(filter('f.day.min=2026-03-01&f.day.max=2026-03-31')).toEqual({ 'data.day': { $gte: '2026-03-01', $lte: '2026-03-31' } });
});

test('filterOf/a_day_of_moments_ends_when_the_next_begins', () => {
  expect(filter('f.seen.max=2026-03-31')).toEqual({ 'data.seen': { $lt: new Date(2026, 3, 1).toISOString() } });
});

test('filterOf/text_is_looked_for_as_it_stands', () => {
  expect(filter('f.name.has=A.1(x)')).toEqual({ 'data.name': { $regex: 'A\\.1\\(x\\)', $options: 'i' } });
});

test('filterOf/yes_or_no_and_what_makes_no_sense_is_left_out', () => {
  expect(filter('f.hot=false')).toEqual({ 'data.hot': false });
  expect(filter('f.hot=true&f.hot=false&f.amount.min=many&f.day.min=soon&f.report=x&f.unknown=y')).toBeUndefined();
});

test('readState/what_writeState_wrote_is_read_the_same', () => {
  const address = 'q=door&sort=-data.amount&columns=name%2Cstage&stage=a&stage=b&status=running&owner=me&overdue=true&f.source=fair&f.amount.min=1&f.name.has=%26';
  expect(readState(writeState(state(address)))).toEqual(state(address));
  expect(writeState(state(address)).toString()).toBe(address);
  expect(writeState(state('')).toString()).toBe('');
});

test('countFilters/counts_conditions_and_clearing_keeps_the_look', () => {
  const chosen = state('q=x&sort=name&columns=name&stage=a&stage=b&overdue=true&f.amount.min=1&f.amount.max=2');
  expect(countFilters(chosen)).toBe(3);
  expect(writeState(withoutFilters(chosen)).toString()).toBe('sort=name&columns=name');
});

test('filterKind/fields_without_a_sensible_filter_offer_none', () => {
  expect(fields.map(filterKind)).toEqual(['number', 'choice', 'choice', 'text', 'day', 'day', 'yesNo', 'number', undefined]);
});
