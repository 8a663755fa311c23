import { expect, test } from 'vitest';
import { userData, userInput } from './user-form';

const user = { id: 'u1', rev: 2, username: 'li', name: 'Li Wei', active: true, phone: '1', roles: [{ app: 'sales', role: 'rep' }] };

test('userForm/roles_go_there_and_back', () => {
  const data = userData(user, 'en');
  expect(data).toEqual({ username: 'li', name: 'Li Wei', active: true, phone: '1', roles: ['sales/rep'] });
  expect(userInput({ roles: ['sales/rep', 'sales/lead'] })).toEqual({ roles: [{ app: 'sales', role: 'rep' }, { app: 'sales', role: 'lead' }] });
});

test('userForm/only_what_changed_is_sent_and_emptied_text_is_empty', () => {
  expect(userInput({ phone: null, active: false })).toEqual({ phone: '', active: false });
  expect(userInput({ roles: null })).toEqual({ roles: [] });
  expect(userData(undefined, 'zh-CN')).toEqual({ active: true, locale: 'zh-CN' });
});
