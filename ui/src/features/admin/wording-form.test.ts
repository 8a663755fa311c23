import { expect, test } from 'vitest';
import { wordingOf } from './wording-form';

test('wordingOf/what_is_left_empty_has_the_usual_wording', () => {
  expect(wordingOf({ cause: 'overdue', language: 'en', title: '' }, 'sales', 'wecom')).toEqual({ channel: 'wecom', cause: 'overdue', language: 'en', template: {} });
});

test('wordingOf/a_wording_is_in_the_language_chosen', () => {
  const { template } = wordingOf({ language: 'zh-CN', title: '请看 {code}', text: '{owner}' }, 'sales', 'wecom');
  expect(template).toEqual({ title: { 'zh-CN': '请看 {code}' }, text: { 'zh-CN': '{owner}' } });
});

test('wordingOf/the_address_of_a_record_of_the_app_fills_it', () => {
  const record = (address: string) => wordingOf({ record: address }, 'sales', 'wecom').record;
  expect(record('https://stepwell.example/apps/sales/opportunity/r1?tab=history')).toEqual({ form: 'opportunity', id: 'r1' });
  expect(record('https://stepwell.example/apps/other/opportunity/r1')).toBeUndefined();
  expect(record('r1')).toBeUndefined();
});
