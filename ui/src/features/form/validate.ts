import type { TFunction } from 'i18next';
import { unticked } from '@/fields/checklist/ticks';
import { isEmpty } from '@/fields/kind';
import { textIn } from '@/shared/definition/text';
import { ruleText, type CrossRule, type Field } from '@/shared/definition/form';
import type { FieldProblem } from '@/shared/client/problem';
import type { Derived, Evaluate, Vars } from './model';
import { pointerOf } from './pointer';

export interface Wording {
  t: TFunction;
  language: string;
}

// SchemaProblems are what a form's schema finds beyond what is missing; schema-problems.ts makes one.
export type SchemaProblems = (fields: readonly Field[], derived: Derived, known: readonly FieldProblem[], words: Wording) => FieldProblem[];

// validate says what is wrong with what people may change, in the server's words. Pointers lead into the data. Without check
// only what is missing is found.
export function validate(fields: readonly Field[], derived: Derived, check: SchemaProblems | undefined, words: Wording): FieldProblem[] {
  const problems = fields.flatMap((field) => {
    const state = derived.states[field.key];
    if (!state?.writable) return [];
    if (state.required && isEmpty(derived.data[field.key])) return [missing(field, pointerOf(field.key), words)];
    const open = state.required && field.type === 'checklist' ? unticked(field, derived.data[field.key]).length : 0;
    if (open > 0) return [{ pointer: pointerOf(field.key), code: 'form.unticked', message: words.t('validation.unticked', { field: textIn(field.title, words.language), count: open }) }];
    return missingCells(field, derived.data[field.key], words);
  });
  return inFieldOrder([...problems, ...(check?.(fields, derived, problems, words) ?? [])], fields);
}

function missing(field: Field, pointer: string, { t, language }: Wording, label = textIn(field.title, language)): FieldProblem {
  switch (field.type) {
    case 'file':
      return { pointer, code: 'form.requiredFile', message: t('validation.requiredFile', { field: label }) };
    case 'singleChoice':
    case 'multiChoice':
    case 'person':
    case 'department':
    case 'link':
    case 'date':
    case 'dateTime':
    case 'yesNo':
      return { pointer, code: 'form.requiredChoice', message: t('validation.requiredChoice', { field: label }) };
    default:
      return { pointer, code: 'form.required', message: t('validation.required', { field: label }) };
  }
}

function missingCells(field: Field, value: unknown, words: Wording): FieldProblem[] {
  if (field.type !== 'subTable' || !Array.isArray(value)) return [];
  const needed = field.items.filter((column) => column.required);
  return (value as unknown[]).flatMap((row, index) =>
    needed
      .filter((column) => isEmpty((row as Record<string, unknown> | null)?.[column.key]))
      .map((column) => {
        const label = words.t('validation.inRow', { table: textIn(field.title, words.language), row: index + 1, column: textIn(column.title, words.language) });
        return missing(column, pointerOf(field.key, String(index), column.key), words, label);
      }),
  );
}

// crossCheck are the form's own rules that do not hold; one that cannot be computed here is left to the server.
export function crossCheck(rules: readonly CrossRule[], vars: Vars, evaluate: Evaluate, language: string): FieldProblem[] {
  return rules.flatMap((rule) => {
    let holds: unknown;
    try {
      holds = evaluate(ruleText(rule.rule), vars);
    } catch {
      return [];
    }
    if (holds !== false) return [];
    return [{ pointer: rule.field === undefined ? '' : pointerOf(rule.field), code: 'rule.' + rule.id, message: textIn(rule.message, language) }];
  });
}

function inFieldOrder(problems: FieldProblem[], fields: readonly Field[]): FieldProblem[] {
  const order = new Map(fields.map((field, index) => [pointerOf(field.key), index]));
  const at = ({ pointer }: FieldProblem) => order.get(pointer.split('/').slice(0, 2).join('/')) ?? -1;
  return problems.sort((a, b) => at(a) - at(b));
}

// placed turns the server's problems into pointers into the data: "/data/x" and "/x" are the same place.
export function placed(problems: readonly FieldProblem[]): FieldProblem[] {
  return problems.map((problem) => ({ ...problem, pointer: problem.pointer.replace(/^\/data(?=\/|$)/, '') }));
}
