import { unticked } from '@/fields/checklist/ticks';
import { isEmpty } from '@/fields/kind';
import type { Derived } from '@/features/form/model';
import type { Schemas } from '@/shared/client/client';
import type { Field, FieldAccess, FileRef, FormDefinition, RecordData } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import type { Tone } from '@/shared/kit/chip';
import type { StepState } from '@/shared/kit/path-bar';

export type RecordView = Schemas['Record'];
export type FormView = Schemas['FormView'];
export type Task = Schemas['Task'];
export type PathStage = Schemas['PathStage'];

// definitionOf is the form of a view, typed: the API describes definitions by schemas of their own.
export function definitionOf(view: FormView): FormDefinition {
  return view.form as unknown as FormDefinition;
}

// stepFields are what the present step asks for, with the formulas and notes of the same sections; undefined when the
// form is not filled step by step.
export function stepFields(fields: readonly Field[], access: Readonly<Record<string, FieldAccess>>, form: FormDefinition, hasPath: boolean): ReadonlySet<string> | undefined {
  const writes = (key: string) => access[key] === 'write' || access[key] === 'required';
  const own = new Set(fields.filter((field) => writes(field.key)).map((field) => field.key));
  if (!hasPath) return undefined;
  for (const section of form.layout ?? []) {
    if (!section.fields.some((key) => own.has(key))) continue;
    for (const field of fields) {
      if (section.fields.includes(field.key) && (field.type === 'formula' || field.type === 'note') && access[field.key] !== 'hidden') own.add(field.key);
    }
  }
  return own;
}

// leadFields are the fields to show first: those of the sections that the step itself asks something of, or all of its
// fields when it asks for none in particular.
export function leadFields(own: ReadonlySet<string>, access: Readonly<Record<string, FieldAccess>>, form: FormDefinition): ReadonlySet<string> {
  const asked = (key: string) => own.has(key) && access[key] === 'required';
  const beside = (form.layout ?? []).filter(({ fields }) => fields.some(asked)).flatMap(({ fields }) => fields);
  const lead = new Set([...own].filter((key) => asked(key) || beside.includes(key)));
  return lead.size > 0 ? lead : own;
}

// missingFields are those that must be filled in before the record can go on.
export function missingFields(fields: readonly Field[], { data, states }: Derived): Field[] {
  return fields.filter((field) => states[field.key]?.required && (isEmpty(data[field.key]) || (field.type === 'checklist' && unticked(field, data[field.key]).length > 0)));
}

// writableData is what a new record is made of, checked or not.
export function writableData({ data, states }: Derived): RecordData {
  return Object.fromEntries(Object.entries(data).filter(([key]) => states[key]?.writable));
}

const stepStates: Record<PathStage['status'], StepState> = { done: 'done', current: 'current', upcoming: 'upcoming', skipped: 'skipped', returned: 'upcoming', stopped: 'skipped' };

// stepState is how the path bar shows a stage.
export function stepState(stage: PathStage): StepState {
  return stage.status === 'current' && stage.overdue ? 'overdue' : stepStates[stage.status];
}

export interface StoredFile {
  field: Field;
  file: FileRef;
}

// filesOf lists the files in a record, also those inside tables.
export function filesOf(fields: readonly Field[], data: RecordData): StoredFile[] {
  return fields.flatMap((field) => {
    const value = data[field.key];
    if (!Array.isArray(value)) return [];
    if (field.type === 'file') return (value as unknown[]).filter(isFile).map((file) => ({ field, file }));
    if (field.type === 'subTable') return (value as RecordData[]).flatMap((row) => filesOf(field.items, row));
    return [];
  });
}

function isFile(value: unknown): value is FileRef {
  return typeof value === 'object' && value !== null && typeof (value as FileRef).id === 'string' && typeof (value as FileRef).name === 'string';
}

export interface LinkedRecord {
  field: Field;
  form: string;
  id: string;
}

// linksOf lists the records that a record links to.
export function linksOf(fields: readonly Field[], data: RecordData): LinkedRecord[] {
  return fields.flatMap((field) => {
    const id = data[field.key];
    return field.type === 'link' && field.link && typeof id === 'string' && id !== '' ? [{ field, form: field.link.form, id }] : [];
  });
}

export interface Standing {
  tone: Tone;
  label: Text | undefined; // the flow's own word for how it ended
}

// standingOf is how a record's status looks.
export function standingOf(record: Pick<RecordView, 'status' | 'outcome' | 'overdue'>, outcomes: FormView['outcomes']): Standing {
  if (record.status === 'ended') {
    const outcome = outcomes?.find(({ key }) => key === record.outcome);
    const tone = outcome?.tone === 'good' ? 'good' : outcome?.tone === 'bad' ? 'bad' : 'plain';
    return { tone, label: outcome?.label ?? record.outcome };
  }
  return { tone: record.status === 'draft' ? 'plain' : 'teal', label: undefined };
}

// myTask is the open task that the page is about: the one asked for, else the first that waits for me.
export function myTask(tasks: readonly Task[], asked: string | null): Task | undefined {
  const mine = tasks.filter((task) => task.mine);
  return mine.find(({ id }) => id === asked) ?? mine[0];
}

// filledAlone tells whether a field can be asked for by a quick link: it needs no directory and no other records.
export function filledAlone({ type }: Pick<Field, 'type'>): boolean {
  return !['person', 'department', 'link', 'subTable', 'formula', 'autoNumber', 'note'].includes(type);
}
