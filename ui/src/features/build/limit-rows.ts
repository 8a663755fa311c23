import type { Text } from '@/shared/definition/text';

export interface LimitRow {
  role?: string;
  person?: string;
  value?: number;
  unlimited?: boolean;
  note?: string;
}

// LimitDocument is what the table reads of a definition of kind "limit"; the rest is carried along.
export interface LimitDocument extends Record<string, unknown> {
  unit?: Text;
  currency?: string;
  default: number;
  rows?: LimitRow[];
}

// asLimit reads a definition as a limit; undefined when it is not one that the table can show without losing something.
export function asLimit(document: Record<string, unknown>): LimitDocument | undefined {
  const { rows = [], default: others } = document;
  if (typeof others !== 'number' || !Array.isArray(rows)) return undefined;
  const fits = (rows as unknown[]).every((row) => {
    if (typeof row !== 'object' || row === null) return false;
    const { role, person, value = 0, unlimited = false, note = '' } = row as Record<string, unknown>;
    return (typeof role === 'string') !== (typeof person === 'string') && typeof value === 'number' && typeof unlimited === 'boolean' && typeof note === 'string';
  });
  return fits ? (document as LimitDocument) : undefined;
}

// limitOf is a row with a change, without members that say nothing.
export function limitOf(row: LimitRow, change: Partial<LimitRow>): LimitRow {
  const { role, person, value = 0, unlimited = false, note = '' } = { ...row, ...change };
  return {
    ...(role !== undefined && { role }),
    ...(person !== undefined && { person }),
    ...(unlimited ? { unlimited } : { value }),
    ...(note && { note }),
  };
}
