import type { Field, FieldType } from '@/shared/definition/form';

export const statuses = ['draft', 'running', 'ended', 'active'] as const;
export type Status = (typeof statuses)[number];

// FieldFilter narrows one field: to any of some values, to a range, or to values that contain a text.
export interface FieldFilter {
  any?: string[];
  min?: string;
  max?: string;
  has?: string;
}

// ListState is everything a person chose about a list. The address holds it, so that it can be shared and gone back to.
export interface ListState {
  q: string;
  sort: string; // '' is the form's own order
  columns: string[]; // empty is the form's own choice
  stages: string[];
  statuses: string[];
  mine: boolean;
  overdue: boolean;
  fields: Record<string, FieldFilter>;
}

// readState reads a list's address. What it does not understand it leaves out.
export function readState(params: URLSearchParams): ListState {
  const fields: Record<string, FieldFilter> = {};
  for (const [name, value] of params) {
    const [prefix, key, part = 'any'] = name.split('.');
    if (prefix !== 'f' || !key || value === '') continue;
    const filter = (fields[key] ??= {});
    if (part === 'any') (filter.any ??= []).push(value);
    else if (part === 'min' || part === 'max' || part === 'has') filter[part] = value;
  }
  return {
    q: params.get('q') ?? '',
    sort: params.get('sort') ?? '',
    columns: params.get('columns')?.split(',').filter(Boolean) ?? [],
    stages: params.getAll('stage'),
    statuses: params.getAll('status'),
    mine: params.get('owner') === 'me',
    overdue: params.get('overdue') === 'true',
    fields,
  };
}

// writeState is the address of a list: the shortest that readState reads the same from.
export function writeState(state: ListState): URLSearchParams {
  const params = new URLSearchParams();
  if (state.q) params.set('q', state.q);
  if (state.sort) params.set('sort', state.sort);
  if (state.columns.length > 0) params.set('columns', state.columns.join(','));
  for (const stage of state.stages) params.append('stage', stage);
  for (const status of state.statuses) params.append('status', status);
  if (state.mine) params.set('owner', 'me');
  if (state.overdue) params.set('overdue', 'true');
  for (const [key, { any = [], min, max, has }] of Object.entries(state.fields)) {
    for (const value of any) params.append(`f.${key}`, value);
    if (min) params.set(`f.${key}.min`, min);
    if (max) params.set(`f.${key}.max`, max);
    if (has) params.set(`f.${key}.has`, has);
  }
  return params;
}

// withoutFilters keeps how the list looks and shows everything again.
export function withoutFilters(state: ListState): ListState {
  return { ...state, q: '', stages: [], statuses: [], mine: false, overdue: false, fields: {} };
}

// countFilters is how many conditions hold, the search not among them.
export function countFilters(state: ListState): number {
  const own = [state.stages.length > 0, state.statuses.length > 0, state.mine, state.overdue].filter(Boolean).length;
  return own + Object.values(state.fields).filter(isSet).length;
}

export function isSet({ any, min, max, has }: FieldFilter): boolean {
  return (any?.length ?? 0) > 0 || [min, max, has].some((side) => side !== undefined && side !== '');
}

export type FilterKind = 'choice' | 'yesNo' | 'number' | 'day' | 'text';

const kinds: Partial<Record<FieldType, FilterKind>> = {
  singleChoice: 'choice',
  multiChoice: 'choice',
  yesNo: 'yesNo',
  number: 'number',
  money: 'number',
  percent: 'number',
  date: 'day',
  dateTime: 'day',
  text: 'text',
  longText: 'text',
  phone: 'text',
  email: 'text',
  url: 'text',
  autoNumber: 'text',
};

// filterKind is how a field can be filtered by; undefined is not at all.
export function filterKind(field: Pick<Field, 'type' | 'schema'>): FilterKind | undefined {
  if (field.type === 'formula') return field.schema.type === 'number' || field.schema.type === 'integer' ? 'number' : undefined;
  return kinds[field.type];
}

type Condition = string | number | boolean | { [operator: string]: string | number | string[] };

// filterOf is the filter document of the API; undefined when everything is wanted.
export function filterOf(state: Omit<ListState, 'q' | 'sort' | 'columns'>, fields: readonly Field[], me: string): Record<string, Condition> | undefined {
  const filter: Record<string, Condition> = {};
  if (state.stages.length > 0) filter.stage = oneOf(state.stages);
  if (state.statuses.length > 0) filter.status = oneOf(state.statuses);
  if (state.mine) filter.owner = me;
  if (state.overdue) filter.overdue = true;
  for (const field of fields) {
    const wanted = state.fields[field.key];
    const condition = wanted && conditionOf(field, wanted);
    if (condition !== undefined) filter[`data.${field.key}`] = condition;
  }
  return Object.keys(filter).length > 0 ? filter : undefined;
}

function conditionOf(field: Field, { any = [], min = '', max = '', has = '' }: FieldFilter): Condition | undefined {
  switch (filterKind(field)) {
    case 'choice':
      return any.length > 0 ? oneOf(any) : undefined;
    case 'yesNo':
      return any.length === 1 ? any[0] === 'true' : undefined;
    case 'number':
      return range(numeric(min), numeric(max));
    case 'day':
      return field.type === 'dateTime' ? range(momentOf(min, 0), momentOf(max, 1), '$lt') : range(dayOf(min), dayOf(max));
    case 'text':
      return has ? { $regex: literally(has), $options: 'i' } : undefined;
    case undefined:
      return undefined;
  }
}

function oneOf(values: readonly string[]): Condition {
  return values.length === 1 ? (values[0] ?? '') : { $in: [...values] };
}

function range<T extends string | number>(from: T | undefined, to: T | undefined, upper: '$lte' | '$lt' = '$lte'): Condition | undefined {
  if (from === undefined && to === undefined) return undefined;
  return { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { [upper]: to }) };
}

function numeric(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value;
}

function dayOf(text: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : undefined;
}

// momentOf is when a day begins on this device, or so many days later.
function momentOf(text: string, later: number): string | undefined {
  if (dayOf(text) === undefined) return undefined;
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  const moment = new Date(year, month - 1, day + later);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}

// literally quotes what a regular expression would take for more than itself: the store looks for plain text only.
function literally(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
