import i18next from 'i18next';
import { expect, test } from 'vitest';
import { fieldsOf } from '@/shared/definition/fields';
import type { JsonSchema } from '@/shared/definition/form';
import { derive } from './model';
import { pointerOf, tokens } from './pointer';
import { ruleRunner } from './rules';
import { schemaProblems } from './schema-problems';
import { crossCheck, placed, validate } from './validate';

const others = { link: {}, record: {}, user: {}, now: new Date(0) };

function problemsOf(schema: JsonSchema, values: Record<string, unknown>, language = 'en') {
  const fields = fieldsOf(schema);
  const derived = derive(fields, values, {}, others, ruleRunner(fields));
  return validate(fields, derived, schemaProblems(schema), { t: i18next.getFixedT(language), language });
}

const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'level', 'drawing'],
  properties: {
    name: { 'x-field': 'text', 'x-title': { 'zh-CN': '名称', en: 'Name' }, type: 'string', maxLength: 5 },
    level: { 'x-field': 'singleChoice', 'x-title': { en: 'Level' }, 'x-options': [{ value: 'a', label: 'High' }, { value: 'b', label: 'Low' }], type: 'string', enum: ['a', 'b'] },
    drawing: { 'x-field': 'file', 'x-title': { en: 'Drawing' }, type: 'array', items: { type: 'object' } },
    amount: { 'x-field': 'money', 'x-title': { en: 'Amount' }, type: 'number', minimum: 0, multipleOf: 0.01 },
    mail: { 'x-field': 'email', 'x-title': { en: 'Mail' }, type: 'string', pattern: '^[^@]+@[^@]+$' },
    code: { 'x-field': 'text', 'x-title': { en: 'Code' }, type: 'string', pattern: '^K', 'x-message': { en: 'begins with K' } },
    lines: {
      'x-field': 'subTable',
      'x-title': { 'zh-CN': '明细', en: 'Lines' },
      type: 'array',
      items: { type: 'object', required: ['part'], properties: { part: { type: 'string', 'x-title': { 'zh-CN': '零件号', en: 'Part' } }, quantity: { 'x-field': 'number', 'x-title': { en: 'Quantity' }, type: 'integer' } } },
    },
  },
};
const filled = { name: 'Door', level: 'a', drawing: [{ id: 'f' }] };

test('validate/a_right_record_has_no_problems', () => {
  expect(problemsOf(schema, { ...filled, amount: 19.99, lines: [{ part: 'P', quantity: 2 }] })).toEqual([]);
});

test('validate/missing_fields_are_asked_for_by_what_they_are', () => {
  expect(problemsOf(schema, {})).toEqual([
    { pointer: '/name', code: 'form.required', message: 'Please fill in Name.' },
    { pointer: '/level', code: 'form.requiredChoice', message: 'Please choose Level.' },
    { pointer: '/drawing', code: 'form.requiredFile', message: 'Please add a file to Drawing.' },
  ]);
  expect(problemsOf(schema, {}, 'zh-CN')[0]?.message).toBe('请填写“名称”。');
});

test.each([
  [{ name: 'Doorway' }, '/name', 'form.maxLength', 'Name may have at most 5 characters; please shorten it.'],
  [{ level: 'z' }, '/level', 'form.enum', 'Level is not one of the choices. Choose from: High, Low.'],
  [{ amount: -1 }, '/amount', 'form.minimum', 'Amount must be at least 0.'],
  [{ amount: 1.005 }, '/amount', 'form.decimals', 'Amount may have at most 2 decimal places.'],
  [{ amount: '12a' }, '/amount', 'form.type', 'Amount must be a number.'],
  [{ mail: 'nobody' }, '/mail', 'form.email', 'Mail is not an e-mail address, such as name@company.com.'],
  [{ code: 'X1' }, '/code', 'form.patternText', 'Code: begins with K'],
  [{ lines: [{ part: 'P' }, { part: 'Q', quantity: 1.5 }] }, '/lines/1/quantity', 'form.whole', 'Lines, row 2, Quantity must be a whole number.'],
  [{ lines: [{ quantity: 1 }] }, '/lines/0/part', 'form.required', 'Please fill in Lines, row 1, Part.'],
])('validate/%j_is_named_at_%s_as_%s', (wrong, pointer, code, message) => {
  expect(problemsOf(schema, { ...filled, ...wrong })).toEqual([{ pointer, code, message }]);
});

test('crossCheck/names_the_rule_and_its_field_and_leaves_what_it_cannot_compute_to_the_server', () => {
  const fields = fieldsOf({ properties: { from: { 'x-field': 'date' }, to: { 'x-field': 'date' } } });
  const rules = [
    { id: 'order', rule: 'form.from <= form.to', message: { en: 'The end comes first.' }, field: 'to' },
    { id: 'odd', rule: 'form.from + 3 == "x"', message: 'never shown' },
  ];
  const vars = { ...others, form: { from: '2026-03-05', to: '2026-03-01' } };
  expect(crossCheck(rules, vars, ruleRunner(fields), 'en')).toEqual([{ pointer: '/to', code: 'rule.order', message: 'The end comes first.' }]);
});

test('placed/data_pointers_and_plain_ones_are_the_same_place', () => {
  const problem = (pointer: string) => ({ pointer, code: 'x', message: 'm' });
  expect(placed([problem('/data/a/0/b'), problem('/a'), problem('/database'), problem('/data')]).map((one) => one.pointer)).toEqual(['/a/0/b', '/a', '/database', '']);
});

test('pointers/escape_and_read_back', () => {
  expect(tokens(pointerOf('a/b', 'c~d', '0'))).toEqual(['a/b', 'c~d', '0']);
  expect(tokens('#/a%20b')).toEqual(['a b']);
});
