import type { FieldProblem } from '@/shared/client/problem';
import type { Field, JsonSchema } from '@/shared/definition/form';
import { textIn } from '@/shared/definition/text';
import { SchemaCheck, type Failure } from './failures';
import { pointerOf } from './pointer';
import type { SchemaProblems, Wording } from './validate';

// schemaProblems checks data against a form's schema and words what fails. It is loaded after the form is on the screen.
export function schemaProblems(schema: JsonSchema): SchemaProblems {
  const check = new SchemaCheck(schema);
  return (fields, derived, known, words) => {
    const problems: FieldProblem[] = [];
    for (const failure of check.failures(derived.data)) {
      const [key, row, column] = failure.place;
      const top = fields.find((field) => field.key === key);
      if (!top || failure.keyword === 'required' || !derived.states[top.key]?.writable) continue;
      const cell = column === undefined ? undefined : top.items.find((item) => item.key === column);
      const label = cell ? words.t('validation.inRow', { table: textIn(top.title, words.language), row: Number(row) + 1, column: textIn(cell.title, words.language) }) : textIn(top.title, words.language);
      const pointer = top.type === 'file' ? pointerOf(top.key) : pointerOf(...failure.place);
      if ([...known, ...problems].some((problem) => problem.pointer === pointer)) continue;
      problems.push({ pointer, ...worded(cell ?? top, failure, label, words) });
    }
    return problems;
  };
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
