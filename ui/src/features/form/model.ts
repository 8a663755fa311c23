import { isEmpty } from '@/fields/kind';
import type { Field, FieldAccess, RecordData } from '@/shared/definition/form';

// Vars are what a rule sees; runtime/records gives the server's rules the same.
export interface Vars {
  form: RecordData;
  link: Record<string, RecordData>;
  record: RecordData;
  user: RecordData;
  now: Date;
  row?: RecordData;
}

// Evaluate runs one rule. It throws when the rule cannot be computed, e.g. because a value is missing.
// columns are those of the sub-table whose row it is about.
export type Evaluate = (cel: string, vars: Vars, columns?: readonly Field[]) => unknown;

export interface FieldState {
  shown: boolean;
  writable: boolean;
  locked: boolean; // could be written, were it not for its lock rule
  required: boolean;
}

export interface Derived {
  data: RecordData; // formulas computed, hidden and empty values left out
  states: Readonly<Record<string, FieldState>>;
}

type OtherVars = Omit<Vars, 'form' | 'row'>;

// A formula may use others; this many steps deep they are followed.
const deepest = 8;

// derive says what a form looks like while it holds some values, in the order in which the server computes it.
export function derive(fields: readonly Field[], values: RecordData, access: Readonly<Record<string, FieldAccess>>, others: OtherVars, evaluate: Evaluate): Derived {
  const filled = withoutEmpty(values);
  const hides = (field: Field, form: RecordData) => field.show !== '' && attempt(evaluate, field.show, { ...others, form }) === false;
  const dropped = new Set(fields.filter((field) => hides(field, filled)).map((field) => field.key));
  const data = Object.fromEntries(Object.entries(filled).filter(([key]) => !dropped.has(key)));
  compute(fields, data, others, evaluate);

  const states: Record<string, FieldState> = {};
  for (const field of fields) {
    const vars = { ...others, form: data };
    const holds = (rule: string) => rule !== '' && attempt(evaluate, rule, vars) === true;
    const right = access[field.key] ?? 'write';
    const shown = right !== 'hidden' && !hides(field, data);
    const computed = field.type === 'formula' || field.type === 'autoNumber' || field.type === 'note';
    const may = shown && !computed && (right === 'write' || right === 'required');
    const locked = may && holds(field.lock);
    const writable = may && !locked;
    states[field.key] = { shown, writable, locked, required: writable && (right === 'required' || field.required || holds(field.require)) };
  }
  return { data, states };
}

function compute(fields: readonly Field[], data: RecordData, others: OtherVars, evaluate: Evaluate): void {
  for (let step = 0; step < deepest; step++) {
    let changed = false;
    for (const field of fields) {
      const vars = { ...others, form: data };
      if (field.type === 'formula' && field.formula !== '') {
        changed = put(data, field.key, attempt(evaluate, field.formula, vars)) || changed;
      }
      const columns = field.items.filter((column) => column.type === 'formula' && column.formula !== '');
      const rows = data[field.key];
      if (columns.length === 0 || !Array.isArray(rows)) continue;
      const next = (rows as unknown[]).map((row) => {
        if (typeof row !== 'object' || row === null) return row;
        const cells = { ...(row as RecordData) };
        for (const column of columns) {
          changed = put(cells, column.key, attempt(evaluate, column.formula, { ...vars, row: cells }, field.items)) || changed;
        }
        return cells;
      });
      if (changed) data[field.key] = next;
    }
    if (!changed) return;
  }
}

function put(members: RecordData, key: string, value: unknown): boolean {
  const before = members[key];
  if (Object.is(before, value) || (isEmpty(before) && isEmpty(value))) return false;
  if (isEmpty(value)) Reflect.deleteProperty(members, key);
  else members[key] = value;
  return true;
}

// A rule that cannot be computed here decides nothing: the server, which knows everything, judges.
function attempt(evaluate: Evaluate, rule: string, vars: Vars, columns?: readonly Field[]): unknown {
  try {
    return evaluate(rule, vars, columns);
  } catch {
    return undefined;
  }
}

function withoutEmpty(values: RecordData): RecordData {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}

// defaultsOf is what a new record begins with, and what was given for it beforehand.
export function defaultsOf(fields: readonly Field[], given: RecordData, others: OtherVars, evaluate: Evaluate): RecordData {
  const data: RecordData = {};
  for (const field of fields) if (field.default !== undefined) data[field.key] = field.default;
  Object.assign(data, withoutEmpty(given));
  for (const field of fields) {
    if (field.defaultBy === '' || data[field.key] !== undefined) continue;
    const value = attempt(evaluate, field.defaultBy, { ...others, form: data });
    if (!isEmpty(value)) data[field.key] = value;
  }
  return data;
}

// changesOf is the JSON Merge Patch that turns base into data, of the fields that people may write.
export function changesOf(base: RecordData, derived: Derived): RecordData {
  const patch: RecordData = {};
  for (const [key, state] of Object.entries(derived.states)) {
    if (!state.writable) continue;
    const before = base[key];
    const after = derived.data[key];
    if (isEmpty(before) && isEmpty(after)) continue;
    if (!same(before, after)) patch[key] = after ?? null;
  }
  return patch;
}

// same compares two JSON values.
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = Object.entries(b).filter(([, value]) => value !== undefined);
  const other = b as Record<string, unknown>;
  return left.length === right.length && left.every(([key, value]) => key in other && same(value, other[key]));
}
