import { kindOf } from '@/fields/registry';
import type { Field, FieldType, FormDefinition } from '@/shared/definition/form';

// What a record has besides its fields, and what the API calls it when sorting.
export const builtIns = ['title', 'stage', 'status', 'owner', 'dueAt', 'updatedAt', 'createdAt'] as const;
export type BuiltIn = (typeof builtIns)[number];

export interface Column {
  key: string;
  field?: Field; // none: a built-in
  builtIn?: BuiltIn;
  sort?: string; // the path to sort by; none: it cannot be sorted
  numeric: boolean;
  width: number; // pixels, the least; what is left is shared in proportion
}

const widths: Partial<Record<FieldType, number>> = {
  longText: 220,
  text: 170,
  link: 180,
  money: 120,
  number: 100,
  percent: 90,
  yesNo: 80,
  date: 120,
  dateTime: 150,
  subTable: 90,
};
const builtInWidths: Record<BuiltIn, number> = { title: 240, stage: 140, status: 100, owner: 110, dueAt: 150, updatedAt: 120, createdAt: 130 };

// Values of these types are lists or names behind ids: their order in the store says nothing to a person.
const unsorted: readonly FieldType[] = ['file', 'subTable', 'checklist', 'multiChoice', 'note', 'link', 'person', 'department'];

// columnsOf are all columns a list of the form can have. Nobody sorts by titles in which something is hidden from them.
export function columnsOf(fields: readonly Field[], hasFlow: boolean, titleHides = false): Column[] {
  const own = builtIns
    .filter((key) => hasFlow || (key !== 'stage' && key !== 'dueAt'))
    .map((key): Column => ({ key, builtIn: key, ...(key !== 'owner' && !(key === 'title' && titleHides) && { sort: key }), numeric: false, width: builtInWidths[key] }));
  const taken = new Set<string>();
  const ofFields = fields
    .filter((field) => field.type !== 'note')
    .map((field): Column => {
      taken.add(field.key);
      return {
        key: field.key,
        field,
        ...(!unsorted.includes(field.type) && { sort: `data.${field.key}` }),
        numeric: kindOf(field).numeric === true,
        width: widths[field.type] ?? 130,
      };
    });
  // A field may have the name of a built-in, "owner" say; then the field is meant.
  return [...ofFields, ...own.filter((column) => !taken.has(column.key))];
}

// shownColumns are the columns to show: the chosen ones, else the form's own, else the first few fields.
export function shownColumns(all: readonly Column[], chosen: readonly string[], form: Pick<FormDefinition, 'list'>): Column[] {
  const byKey = new Map(all.map((column) => [column.key, column]));
  for (const keys of [chosen, form.list?.columns ?? []]) {
    const known = keys.map((key) => byKey.get(key)).filter((column) => column !== undefined);
    if (known.length > 0) return known;
  }
  const few = all.filter((column) => column.field && column.field.type !== 'subTable' && column.field.type !== 'file').slice(0, 4);
  return [...all.filter((column) => column.builtIn === 'title'), ...few, ...all.filter((column) => column.builtIn === 'stage' || column.builtIn === 'updatedAt')];
}

// toggleSort is the order after a press on a column's head: that column, then the other way round, then the form's own.
export function toggleSort(sort: string, path: string): string {
  if (sort === path) return `-${path}`;
  return sort === `-${path}` ? '' : path;
}
