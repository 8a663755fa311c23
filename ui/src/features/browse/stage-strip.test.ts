import { expect, test } from 'vitest';
import type { Board } from './board-move';
import { openingStage } from './stage-strip';

const column = (block: string, owners: string[] = [], overdue = 0): Board['columns'][number] => ({
  block, title: block, count: owners.length, overdue,
  items: owners.map((owner, at) => ({
    id: `${block}${String(at)}`, app: 'a', form: 'f', rev: 1, title: block, status: 'running', owner, createdAt: '', updatedAt: '', data: {} as never, overdue: at < overdue,
  })),
});
const board: Board = { columns: [column('one', ['x']), column('two', ['x', 'me']), column('three', ['x'], 1), column('four', ['x']), column('five')] };
const nothing = { last: null, asked: new Set<string>(), me: 'nobody' };

test('openingStage/where_one_was_comes_first_unless_it_is_empty_now', () => {
  expect(openingStage(board, { ...nothing, last: 'four', asked: new Set(['two']) })).toBe(3);
  expect(openingStage(board, { ...nothing, last: 'five', asked: new Set(['four']) })).toBe(3);
  expect(openingStage(board, { ...nothing, last: 'gone', me: 'me' })).toBe(1);
});

test('openingStage/then_what_waits_for_me_then_my_own_then_what_is_late_then_anything', () => {
  expect(openingStage(board, { ...nothing, asked: new Set(['four', 'five']), me: 'me' })).toBe(3);
  expect(openingStage(board, { ...nothing, me: 'me' })).toBe(1);
  expect(openingStage(board, nothing)).toBe(2);
  expect(openingStage({ columns: [column('one'), column('two', ['x'])] }, nothing)).toBe(1);
  expect(openingStage({ columns: [column('one')] }, nothing)).toBe(0);
});
