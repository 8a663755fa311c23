import type { Schemas } from '@/shared/client/client';
import type { ProblemError } from '@/shared/client/problem';
import type { RecordSummary } from './use-records';

export type Board = Schemas['Board'];
export type BoardColumn = Board['columns'][number];

// findCard is the card of a record and the column it lies in.
export function findCard(board: Board, id: string): { record: RecordSummary; column: BoardColumn } | undefined {
  for (const column of board.columns) {
    const record = column.items.find((item) => item.id === id);
    if (record) return { record, column };
  }
  return undefined;
}

// moveCard is the board as it will look when the server agrees: counts and sums go with the card.
export function moveCard(board: Board, id: string, to: string, amountField: string | undefined): Board {
  const from = findCard(board, id);
  if (!from || from.column.block === to || !board.columns.some((column) => column.block === to)) return board;
  const { record } = from;
  const worth = amountField === undefined ? 0 : Number(record.data[amountField] ?? 0) || 0;
  const weigh = (column: BoardColumn, sign: 1 | -1, items: RecordSummary[]): BoardColumn => ({
    ...column,
    items,
    count: column.count + sign,
    overdue: column.overdue + (record.overdue ? sign : 0),
    ...(column.amount !== undefined && { amount: column.amount + sign * worth }),
  });
  // In a new stage a new deadline begins; until the server says which, none is shown.
  const { dueAt: _, ...rest } = record;
  const moved: RecordSummary = { ...rest, stage: to, overdue: false };
  return {
    ...board,
    columns: board.columns.map((column) => {
      if (column.block === from.column.block) return weigh(column, -1, column.items.filter((item) => item.id !== id));
      if (column.block !== to) return column;
      return { ...weigh(column, 1, [moved, ...column.items]), overdue: column.overdue };
    }),
  };
}

// isBackwards tells whether a move goes to an earlier stage, which needs a reason.
export function isBackwards(board: Board, from: string, to: string): boolean {
  const at = (block: string) => board.columns.findIndex((column) => column.block === block);
  return at(to) < at(from);
}

export type Refusal = 'reason' | 'explain' | 'passing';

// refusalOf tells what to do about a move that was refused: ask why and send it again, explain what is missing, or say in
// passing that nothing could be decided (no answer, a server that is unwell).
export function refusalOf(problem: ProblemError, reasonGiven: boolean): Refusal {
  if (problem.code === 'engine.reasonNeeded' && !reasonGiven) return 'reason';
  return problem.status >= 400 && problem.status < 500 && problem.status !== 401 ? 'explain' : 'passing';
}
