import { expect, test } from 'vitest';
import { fieldsOf } from './fields';
import { fillText, textIn } from './text';

test('fieldsOf/x_keywords_are_read_in_schema_order', () => {
  const fields = fieldsOf({
    required: ['b'],
    properties: {
      b: { 'x-field': 'money', 'x-title': { en: 'Amount' }, 'x-currency': 'EUR', 'x-show': { cel: 'true' } },
      a: { 'x-field': 'subTable', items: { required: ['part'], properties: { part: { type: 'string' } } } },
    },
  });
  expect(fields.map((field) => field.key)).toEqual(['b', 'a']);
  expect(fields[0]).toMatchObject({ type: 'money', required: true, currency: 'EUR', show: 'true' });
  expect(fields[1]?.items[0]).toMatchObject({ key: 'part', type: 'text', required: true });
});

test('fieldsOf/an_ordinary_json_schema_is_a_form', () => {
  const types = (node: Record<string, unknown>) => fieldsOf({ properties: { x: node } })[0]?.type;
  expect(types({ type: 'integer' })).toBe('number');
  expect(types({ type: 'boolean' })).toBe('yesNo');
  expect(types({ type: 'array', items: { enum: ['a'] } })).toBe('multiChoice');
  expect(types({ type: 'array', items: { properties: { a: {} } } })).toBe('subTable');
  expect(types({ enum: ['a', 'b'] })).toBe('singleChoice');
  expect(types({ type: 'string', format: 'date-time' })).toBe('dateTime');
  expect(types({ type: 'string', format: 'uri' })).toBe('url');
  expect(types({ 'x-field': 'hologram', type: 'string' })).toBe('text');
});

test('fieldsOf/a_least_number_of_files_makes_the_field_required', () => {
  expect(fieldsOf({ properties: { f: { 'x-field': 'file', 'x-file': { minCount: 1 } } } })[0]?.required).toBe(true);
});

test('textIn/falls_back_like_the_server', () => {
  expect(textIn({ 'zh-CN': '商机', en: 'Opportunity' }, 'en')).toBe('Opportunity');
  expect(textIn({ 'zh-CN': '商机' }, 'en')).toBe('商机');
  expect(textIn({ fr: 'Affaire', de: 'Chance' }, 'en')).toBe('Chance');
  expect(textIn(undefined, 'en')).toBe('');
  expect(fillText('{code} {name} {x}', { code: 'A1', name: 'Door' })).toBe('A1 Door {x}');
});
