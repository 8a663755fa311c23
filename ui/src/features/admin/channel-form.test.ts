import type { TFunction } from 'i18next';
import { expect, test } from 'vitest';
import { channelData, channelDraft, channelForm, channelTypes, freeKey } from './channel-form';

const t = ((key: string) => key) as unknown as TFunction;
const none = new Set<string>();

test('channelForm/every_type_asks_for_what_it_needs', () => {
  const required = Object.fromEntries(channelTypes.map((type) => [type, channelForm(t, type, type, none, ['task']).schema['required']]));
  expect(required).toEqual({
    wecom: ['title', 'corpId', 'agentId', 'appSecret'],
    wecomRobot: ['title', 'keySecret'],
    dingtalkRobot: ['title', 'tokenSecret'],
    feishuRobot: ['title', 'hookSecret'],
    email: ['title'],
    webhook: ['title', 'url', 'signSecret'],
  });
});

test('channelForm/a_secret_that_is_set_need_not_be_typed_again', () => {
  const form = channelForm(t, 'wecom', 'wecom', new Set(['wecom.appSecret']), ['task']);
  expect(form.schema['required']).toEqual(['title', 'corpId', 'agentId']);
  expect((form.schema['properties'] as Record<string, Record<string, unknown>>)['appSecret']?.['x-help']).toBe('channels.secretSet');
});

test('channelDraft/names_stand_in_the_definition_and_values_go_to_the_safe', () => {
  const { definition, secrets } = channelDraft({ title: { 'zh-CN': '企业微信' } }, 'wecom', 'wecom', { title: 'WeCom', corpId: 'ww1', agentId: '7', appSecret: ' hunter2 ' }, 'en', none);
  expect(secrets).toEqual({ 'wecom.appSecret': 'hunter2' });
  expect(definition).toEqual({
    kind: 'channel', key: 'wecom', type: 'wecom', title: { 'zh-CN': '企业微信', en: 'WeCom' }, wecom: { corpId: 'ww1', agentId: 7, appSecret: 'wecom.appSecret' },
  });
  expect(JSON.stringify(definition)).not.toContain('hunter2');
  expect(channelData(definition, 'wecom', 'WeCom')).toEqual({ title: 'WeCom', corpId: 'ww1', agentId: '7' });
});

test('channelDraft/what_was_set_before_stays_and_what_was_emptied_goes', () => {
  const before = { title: 'Group', type: 'dingtalkRobot', urgent: ['task'], dingtalkRobot: { tokenSecret: 'd.tokenSecret', baseUrl: 'https://x.example' } };
  const { definition, secrets } = channelDraft(before, 'dingtalkRobot', 'd', { title: 'Group', baseUrl: '', urgent: [] }, 'en', new Set(['d.tokenSecret']));
  expect(secrets).toEqual({});
  expect(definition['dingtalkRobot']).toEqual({ tokenSecret: 'd.tokenSecret' });
  expect(definition['urgent']).toBeUndefined();
});

test('channelDraft/mail_without_a_server_leaves_by_that_of_the_configuration', () => {
  expect(channelDraft({ email: { host: 'x' } }, 'email', 'email', { title: 'Mail' }, 'en', none).definition['email']).toBeUndefined();
  expect(channelDraft({}, 'email', 'email', { title: 'Mail', host: 'smtp.example', from: 'a@b.c' }, 'en', none).definition['email']).toEqual({ host: 'smtp.example', from: 'a@b.c' });
});

test('freeKey/finds_one_that_is_free', () => {
  expect(freeKey('wecom', [])).toBe('wecom');
  expect(freeKey('wecom', ['wecom', 'wecom2'])).toBe('wecom3');
});
