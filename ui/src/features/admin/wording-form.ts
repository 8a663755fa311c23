import type { TFunction } from 'i18next';
import type { FormDefinition, RecordData } from '@/shared/definition/form';
import { noticeCauses } from '@/shared/definition/notice-causes';

// wordingForm asks for a wording and what to fill it from.
export function wordingForm(t: TFunction): FormDefinition {
  const languages = [
    { value: 'zh-CN', label: t('people.chinese') },
    { value: 'en', label: t('people.english') },
  ];
  const usual = t('channels.preview.usual');
  return {
    kind: 'form',
    key: 'wording',
    title: t('channels.preview.title'),
    layout: [{ key: 'wording', fields: ['cause', 'language', 'title', 'text', 'record'] }],
    schema: {
      type: 'object',
      properties: {
        cause: { 'x-field': 'singleChoice', 'x-title': t('channels.preview.cause'), 'x-options': noticeCauses.map((value) => ({ value, label: t(`channels.cause.${value}`) })), type: 'string' },
        language: { 'x-field': 'singleChoice', 'x-title': t('channels.language'), 'x-options': languages, type: 'string' },
        title: { 'x-field': 'text', 'x-title': t('channels.preview.heading'), 'x-help': usual, type: 'string', maxLength: 200 },
        text: { 'x-field': 'longText', 'x-title': t('channels.preview.text'), 'x-help': usual, type: 'string', maxLength: 4000 },
        record: { 'x-field': 'text', 'x-title': t('channels.preview.record'), 'x-help': t('channels.preview.recordHelp'), type: 'string', maxLength: 500 },
      },
    },
  };
}

interface Wording {
  channel: string;
  cause: string;
  language: 'zh-CN' | 'en';
  template: { title?: Record<string, string>; text?: Record<string, string> };
  record?: { form: string; id: string };
}

// wordingOf is what that form asks to be shown. The address of a record of another app, or of anything else, fills nothing.
export function wordingOf(data: RecordData, app: string, channel: string): Wording {
  const said = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
  const language = said('language') === 'en' ? 'en' : 'zh-CN';
  const [, form, id] = new RegExp(`/apps/${app}/([^/?#]+)/([^/?#]+)`).exec(said('record')) ?? [];
  return {
    channel,
    cause: said('cause') || 'task',
    language,
    template: { ...(said('title') && { title: { [language]: said('title') } }), ...(said('text') && { text: { [language]: said('text') } }) },
    ...(form !== undefined && id !== undefined && { record: { form, id } }),
  };
}
