import { expect, it } from 'vitest';
import { ticksOf, unticked, withTick } from './ticks';

const field = { options: ['a', 'b', 'c'].map((value) => ({ value, label: value })) };

it('keeps who ticked an item and the order of the items', () => {
  const first = { item: 'c', by: 'u1', at: '2026-03-02T01:00:00.000Z' };
  expect(withTick(field, [first], 'a', true)).toEqual([{ item: 'a' }, first]);
  expect(withTick(field, [first], 'c', true)).toEqual([first]);
  expect(withTick(field, [first], 'c', false)).toBeUndefined();
});

it('knows what is open, whatever a draft holds', () => {
  expect(unticked(field, [{ item: 'b' }]).map(({ value }) => value)).toEqual(['a', 'c']);
  expect(unticked(field, 'x')).toHaveLength(3);
  expect(ticksOf([null, 'a', { item: 1 }, { item: 'a' }])).toEqual([{ item: 'a' }]);
});
