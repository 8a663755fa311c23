import type { TFunction } from 'i18next';
import type { Schemas } from '@/shared/client/client';
import type { FormDefinition, RecordData } from '@/shared/definition/form';

export interface RoleChoice {
  app: string;
  role: string;
  label: string;
}

const roleKey = ({ app, role }: Schemas['RoleRef']) => `${app}/${role}`;

// userForm is a colleague as a form, so that they are edited like everything else.
export function userForm(t: TFunction, roles: readonly RoleChoice[], fresh: boolean): FormDefinition {
  return {
    kind: 'form',
    key: 'user',
    title: t('people.person'),
    layout: [
      { key: 'who', fields: ['name', 'position', 'department', 'manager'] },
      { key: 'contact', title: t('people.contact'), fields: ['email', 'phone', 'wecom'] },
      { key: 'access', title: t('people.access'), fields: ['username', 'password', 'locale', 'active', 'roles'] },
    ],
    schema: {
      type: 'object',
      required: fresh ? ['name', 'username', 'password'] : ['name', 'username'],
      properties: {
        name: { 'x-field': 'text', 'x-title': t('people.name'), type: 'string', maxLength: 100 },
        position: { 'x-field': 'text', 'x-title': t('people.position'), type: 'string', maxLength: 100 },
        department: { 'x-field': 'department', 'x-title': t('people.department'), type: 'string' },
        manager: { 'x-field': 'person', 'x-title': t('people.manager'), type: 'string' },
        email: { 'x-field': 'email', 'x-title': t('people.email'), type: 'string', format: 'email' },
        phone: { 'x-field': 'phone', 'x-title': t('people.phone'), 'x-help': t('people.phoneHelp'), type: 'string' },
        wecom: { 'x-field': 'text', 'x-title': t('people.wecom'), 'x-help': t('people.wecomHelp'), type: 'string', maxLength: 64 },
        username: { 'x-field': 'text', 'x-title': t('people.username'), type: 'string', maxLength: 100 },
        password: { 'x-field': 'text', 'x-title': t('people.password'), 'x-help': fresh ? t('people.passwordHelp') : t('people.passwordReset'), type: 'string', minLength: 10 },
        locale: {
          'x-field': 'singleChoice',
          'x-title': t('people.locale'),
          'x-options': [
            { value: 'zh-CN', label: t('people.chinese') },
            { value: 'en', label: t('people.english') },
          ],
          type: 'string',
        },
        active: { 'x-field': 'yesNo', 'x-title': t('people.active'), 'x-help': t('people.activeHelp'), type: 'boolean' },
        roles: {
          'x-field': 'multiChoice',
          'x-title': t('people.roles'),
          'x-options': roles.map((role) => ({ value: roleKey(role), label: role.label })),
          'x-show': roles.length > 0 ? 'true' : 'false',
          type: 'array',
          items: { type: 'string' },
        },
      },
    },
  };
}

// userData is a user as that form's data.
export function userData(user: Schemas['User'] | undefined, language: string): RecordData {
  if (!user) return { active: true, locale: language };
  const { id: _id, rev: _rev, roles, ...rest } = user;
  return { ...rest, roles: roles.map(roleKey) };
}

// userInput is that form's data as the API takes it. An emptied text is sent as "".
export function userInput(changes: RecordData): Schemas['UserInput'] {
  const { roles, ...rest } = changes;
  const input = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, value ?? '']));
  if (roles === undefined) return input;
  const chosen = Array.isArray(roles) ? roles.map(String) : [];
  return {
    ...input,
    roles: chosen.map((key) => {
      const at = key.indexOf('/');
      return { app: key.slice(0, at), role: key.slice(at + 1) };
    }),
  };
}
