import type { RecordData } from '@/shared/definition/form';
import type { FieldMessage } from '../kind';

export type Row = RecordData;

// rowsOf reads the value of a sub-table; a draft may hold anything.
export function rowsOf(value: unknown): Row[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).map((row) => (typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as Row) : {}));
}

// withCell gives the rows with one cell changed; an emptied cell is left out.
export function withCell(rows: readonly Row[], index: number, key: string, value: unknown): Row[] {
  return rows.map((row, at) => {
    if (at !== index) return row;
    const { [key]: _before, ...rest } = row;
    return value === undefined ? rest : { ...rest, [key]: value };
  });
}

// cellMessages picks the messages about one cell and makes their pointers relative to it.
export function cellMessages(messages: readonly FieldMessage[], index: number, key: string): FieldMessage[] {
  const start = `/${String(index)}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return messages
    .filter(({ pointer }) => pointer === start || pointer.startsWith(start + '/'))
    .map(({ pointer, message }) => ({ pointer: pointer.slice(start.length), message }));
}

// rowMessages picks the messages about a row as a whole.
export function rowMessages(messages: readonly FieldMessage[], index: number): string[] {
  return messages.filter(({ pointer }) => pointer === `/${String(index)}`).map(({ message }) => message);
}
