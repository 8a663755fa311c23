import type { TFunction } from 'i18next';
import { isEmpty } from '@/fields/kind';
import { textIn } from '@/shared/definition/text';
import { ruleText, type CrossRule, type Field } from '@/shared/definition/form';
import type { FieldProblem } from '@/shared/client/problem';
import { pointerOf, type Failure, type SchemaCheck } from './failures';
import type { Derived, Evaluate, Vars } from './model';

interface Wording {
  t: TFunction;
  language: string;
}

// validate says what is wrong with what people may change, in the server's words. Pointers lead into the data.
export function validate(fields: readonly Field[], derived: Derived, check: SchemaCheck | undefined, words: Wording): FieldProblem[] {
  const problems = fields.flatMap((field) => {
    const state = derived.states[field.key];
    if (!state?.writable) return [];
    return state.required && isEmpty(derived.data[field.key]) ? [missing(field, pointerOf(field.key), words)] : missingCells(field, derived.data[field.key], words);
  });
  for (const failure of check?.failures(derived.data) ?? []) {
    const [key, row, column] = failure.place;
    const top = fields.find((field) => field.key === key);
    if (!top || failure.keyword === 'required' || !derived.states[top.key]?.writable) continue;
    const cell = column === undefined ? undefined : top.items.find((item) => item.key === column);
    const label = cell ? words.t('validation.inRow', { table: textIn(top.title, words.language), row: Number(row) + 1, column: textIn(cell.title, words.language) }) : textIn(top.title, words.language);
    const pointer = top.type === 'file' ? pointerOf(top.key) : pointerOf(...failure.place);
    if (problems.some((problem) => problem.pointer === pointer)) continue;
    problems.push({ pointer, ...worded(cell ?? top, failure, label, words) });
  }
  return inFieldOrder(problems, fields);
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

// worded finds the words for one failed keyword; the codes are the server's.
function worded(field: Field, { keyword, limit }: Failure, label: string, { t, language }: Wording): Omit<FieldProblem, 'pointer'> {
  const say = (code: string, message: string) => ({ code: 'form.' + code, message });
  const bound = { field: label, limit: String(limit) };
  switch (keyword) {
    case 'minimum':
      return say(keyword, t('validation.minimum', bound));
    case 'maximum':
      return say(keyword, t('validation.maximum', bound));
    case 'exclusiveMinimum':
      return say(keyword, t('validation.exclusiveMinimum', bound));
    case 'exclusiveMaximum':
      return say(keyword, t('validation.exclusiveMaximum', bound));
    case 'minLength':
      return say(keyword, t('validation.minLength', bound));
    case 'maxLength':
      return say(keyword, t('validation.maxLength', bound));
    case 'minItems':
      return say(keyword, t('validation.minItems', bound));
    case 'maxItems':
      return say(keyword, t('validation.maxItems', bound));
    case 'uniqueItems':
      return say(keyword, t('validation.uniqueItems', bound));
    case 'enum':
      return say(keyword, t('validation.enum', { field: label, choices: field.options.map((option) => textIn(option.label, language) || option.value).join(t('validation.and')) }));
    case 'multipleOf': {
      const places = /^0\.(0*1)$/.exec(String(limit))?.[1]?.length;
      if (limit === 1) return say('whole', t('validation.whole', bound));
      return places === undefined ? say(keyword, t('validation.multipleOf', bound)) : say('decimals', t('validation.decimals', { field: label, places }));
    }
    case 'type':
      if (limit === 'integer') return say('whole', t('validation.whole', bound));
      return say(keyword, field.type === 'number' || field.type === 'money' || field.type === 'percent' ? t('validation.number', bound) : t('validation.type', bound));
    case 'pattern':
    case 'format':
      return shape(field, keyword, limit, label, { t, language });
  }
  return say('keyword', t('validation.keyword', { field: label, keyword }));
}

function shape(field: Field, keyword: string, limit: unknown, label: string, { t, language }: Wording): Omit<FieldProblem, 'pointer'> {
  if (field.message !== undefined && keyword === 'pattern') {
    return { code: 'form.patternText', message: t('validation.patternText', { field: label, message: textIn(field.message, language) }) };
  }
  switch (field.type) {
    case 'date':
      return { code: 'form.date', message: t('validation.date', { field: label }) };
    case 'dateTime':
      return { code: 'form.dateTime', message: t('validation.dateTime', { field: label }) };
    case 'phone':
      return { code: 'form.phone', message: t('validation.phone', { field: label }) };
    case 'url':
      return { code: 'form.url', message: t('validation.url', { field: label }) };
    case 'email':
      if (keyword === 'format' || String(limit).includes('@')) return { code: 'form.email', message: t('validation.email', { field: label }) };
      break;
    default:
  }
  return { code: 'form.pattern', message: t('validation.pattern', { field: label, pattern: String(limit) }) };
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
