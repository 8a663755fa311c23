import { expect, test } from 'vitest';
import { ProblemError } from '@/shared/client/problem';
import { findCard, isBackwards, moveCard, refusalOf, type Board } from './board-move';
import type { RecordSummary } from './use-records';

const card = (id: string, more: Partial<RecordSummary> = {}): RecordSummary => ({
  id, app: 'a', form: 'f', rev: 1, title: id, status: 'running', owner: 'u', createdAt: '2026-03-02T09:00:00.000Z', updatedAt: '2026-03-02T09:00:00.000Z', data: { amount: 100 } as never, overdue: false, ...more,
});
const board: Board = {
  columns: [
    { block: 'one', title: 'One', count: 2, overdue: 1, amount: 200, items: [card('x', { stage: 'one', overdue: true, dueAt: '2026-03-01T09:00:00.000Z' }), card('y', { stage: 'one' })] },
    { block: 'two', title: 'Two', count: 0, overdue: 0, amount: 0, items: [] },
  ],
};

test('moveCard/counts_and_sums_go_with_the_card', () => {
  const [one, two] = moveCard(board, 'x', 'two', 'amount').columns;
  expect(one).toMatchObject({ count: 1, overdue: 0, amount: 100, items: [{ id: 'y' }] });
  expect(two).toMatchObject({ count: 1, overdue: 0, amount: 100, items: [{ id: 'x', stage: 'two', overdue: false }] });
  expect(two?.items[0]?.dueAt).toBeUndefined();
  expect(board.columns[0]?.items).toHaveLength(2);
});

test('moveCard/to_where_it_lies_or_to_nowhere_changes_nothing', () => {
  expect(moveCard(board, 'x', 'one', 'amount')).toBe(board);
  expect(moveCard(board, 'x', 'three', 'amount')).toBe(board);
  expect(moveCard(board, 'gone', 'two', 'amount')).toBe(board);
});

test('moveCard/a_board_without_sums_stays_without', () => {
  const plain: Board = { columns: board.columns.map(({ amount: _, ...column }) => column) };
  expect(moveCard(plain, 'y', 'two', undefined).columns[1]).not.toHaveProperty('amount');
});

test('findCard/and_isBackwards_know_the_order', () => {
  expect(findCard(board, 'y')?.column.block).toBe('one');
  expect(isBackwards(board, 'two', 'one')).toBe(true);
  expect(isBackwards(board, 'one', 'two')).toBe(false);
});

test('refusalOf/a_gate_is_explained_and_a_lost_connection_only_mentioned', () => {
  const problem = (status: number, code: string) => new ProblemError({ title: 'no', status, code });
  expect(refusalOf(problem(422, 'engine.gate'), false)).toBe('explain');
  expect(refusalOf(problem(422, 'engine.reasonNeeded'), false)).toBe('reason');
  expect(refusalOf(problem(422, 'engine.reasonNeeded'), true)).toBe('explain');
  expect(refusalOf(problem(0, 'network.unreachable'), false)).toBe('passing');
  expect(refusalOf(problem(503, ''), false)).toBe('passing');
});
