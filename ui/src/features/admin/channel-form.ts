import type { TFunction } from 'i18next';
import type { FormDefinition, JsonSchema, RecordData } from '@/shared/definition/form';
import type { NoticeCause } from '@/shared/definition/notice-causes';
import type { Text } from '@/shared/definition/text';

// The types of channel that can be set up, in the order in which they are offered.
export const channelTypes = ['wecom', 'wecomRobot', 'dingtalkRobot', 'feishuRobot', 'email', 'webhook'] as const;

export type ChannelType = (typeof channelTypes)[number];

export function isChannelType(type: string): type is ChannelType {
  return (channelTypes as readonly string[]).includes(type);
}

// A definition of a channel as the API keeps it.
export type ChannelDefinition = Record<string, unknown>;

const formats = ['text', 'markdown'] as const;
const securities = ['startTLS', 'tls', 'none'] as const;

interface Setting {
  key: SettingKey;
  kind: 'text' | 'number' | 'whole' | 'secret' | 'url' | 'format' | 'security';
  required?: true;
  help?: Help; // the name of its help
}

type SettingKey =
  | 'agentId' | 'appSecret' | 'baseUrl' | 'corpId' | 'format' | 'from' | 'hookSecret' | 'host' | 'keySecret' | 'passwordSecret' | 'perMinute' | 'port'
  | 'replyTo' | 'security' | 'signSecret' | 'tokenSecret' | 'url' | 'username';

type Help =
  | 'baseUrl' | 'host' | 'email.passwordSecret' | 'wecom.appSecret' | 'wecom.format' | 'wecomRobot.keySecret' | 'wecomRobot.format'
  | 'dingtalkRobot.tokenSecret' | 'dingtalkRobot.signSecret' | 'feishuRobot.hookSecret' | 'feishuRobot.signSecret' | 'webhook.signSecret';

const baseUrl: Setting = { key: 'baseUrl', kind: 'url', help: 'baseUrl' };

// settings are what each type asks for, named as in its definition.
const settings: Record<ChannelType, readonly Setting[]> = {
  wecom: [
    { key: 'corpId', kind: 'text', required: true },
    { key: 'agentId', kind: 'whole', required: true },
    { key: 'appSecret', kind: 'secret', required: true, help: 'wecom.appSecret' },
    { key: 'format', kind: 'format', help: 'wecom.format' },
    baseUrl,
  ],
  wecomRobot: [{ key: 'keySecret', kind: 'secret', required: true, help: 'wecomRobot.keySecret' }, { key: 'format', kind: 'format', help: 'wecomRobot.format' }, baseUrl],
  dingtalkRobot: [
    { key: 'tokenSecret', kind: 'secret', required: true, help: 'dingtalkRobot.tokenSecret' },
    { key: 'signSecret', kind: 'secret', help: 'dingtalkRobot.signSecret' },
    baseUrl,
  ],
  feishuRobot: [
    { key: 'hookSecret', kind: 'secret', required: true, help: 'feishuRobot.hookSecret' },
    { key: 'signSecret', kind: 'secret', help: 'feishuRobot.signSecret' },
    baseUrl,
  ],
  email: [
    { key: 'host', kind: 'text', help: 'host' },
    { key: 'port', kind: 'whole' },
    { key: 'security', kind: 'security' },
    { key: 'username', kind: 'text' },
    { key: 'passwordSecret', kind: 'secret', help: 'email.passwordSecret' },
    { key: 'from', kind: 'text' },
    { key: 'replyTo', kind: 'text' },
    { key: 'perMinute', kind: 'number' },
  ],
  webhook: [
    { key: 'url', kind: 'url', required: true },
    { key: 'signSecret', kind: 'secret', required: true, help: 'webhook.signSecret' },
    { key: 'perMinute', kind: 'number' },
  ],
};

const groups: readonly ChannelType[] = ['wecomRobot', 'dingtalkRobot', 'feishuRobot', 'webhook'];

// secretName is what a channel's secret is called among those of its app.
export const secretName = (channel: string, setting: string) => `${channel}.${setting}`;

// channelForm is a channel of a type as a form. known are the names of the secrets that are set: those need not be typed again.
export function channelForm(t: TFunction, type: ChannelType, channel: string, known: ReadonlySet<string>, causes: readonly NoticeCause[]): FormDefinition {
  const own = settings[type];
  const properties: Record<string, JsonSchema> = { title: { 'x-field': 'text', 'x-title': t('channels.name'), type: 'string', maxLength: 100 } };
  const required = ['title'];
  for (const setting of own) {
    const set = setting.kind === 'secret' && known.has(secretName(channel, setting.key));
    if (setting.required && !set) required.push(setting.key);
    const help = set ? t('channels.secretSet') : setting.help && t(`channels.help.${setting.help}`);
    properties[setting.key] = { ...shapeOf(t, setting), 'x-title': t(`channels.setting.${setting.key}`), ...(help && { 'x-help': help }) };
  }
  const group = groups.includes(type);
  if (group) {
    const options = [
      { value: 'zh-CN', label: t('people.chinese') },
      { value: 'en', label: t('people.english') },
    ];
    properties['language'] = { 'x-field': 'singleChoice', 'x-title': t('channels.language'), 'x-options': options, type: 'string' };
  } else {
    const options = causes.map((value) => ({ value, label: t(`channels.cause.${value}`) }));
    properties['urgent'] = { 'x-field': 'multiChoice', 'x-title': t('channels.urgent'), 'x-help': t('channels.urgentHelp'), 'x-options': options, type: 'array', items: { type: 'string' } };
  }
  return {
    kind: 'form',
    key: 'channel',
    title: t(`channels.type.${type}`),
    layout: [{ key: 'settings', fields: ['title', ...own.map(({ key }) => key), group ? 'language' : 'urgent'] }],
    schema: { type: 'object', required, properties },
  };
}

function shapeOf(t: TFunction, { kind }: Setting): JsonSchema {
  switch (kind) {
    case 'number':
      return { 'x-field': 'number', type: 'integer', minimum: 0 };
    case 'whole': // a number that is a name: typed and shown without separators
      return { 'x-field': 'text', type: 'string', pattern: '^[1-9][0-9]*$', maxLength: 15 };
    case 'url':
      return { 'x-field': 'url', type: 'string', pattern: '^https?://[^/\\s]+' };
    case 'format':
      return { 'x-field': 'singleChoice', 'x-options': formats.map((value) => ({ value, label: t(`channels.format.${value}`) })), type: 'string' };
    case 'security':
      return { 'x-field': 'singleChoice', 'x-options': securities.map((value) => ({ value, label: t(`channels.security.${value}`) })), type: 'string' };
    case 'text':
    case 'secret':
      return { 'x-field': 'text', type: 'string', maxLength: 4000 };
  }
}

// channelData is a definition as that form's data. Secrets are never in it.
export function channelData(definition: ChannelDefinition, type: ChannelType, title: string): RecordData {
  const own = (definition[type] ?? {}) as Record<string, unknown>;
  const data: RecordData = { title };
  for (const { key, kind } of settings[type]) if (kind !== 'secret' && own[key] !== undefined) data[key] = kind === 'whole' ? String(own[key]) : own[key];
  for (const key of ['language', 'urgent']) if (definition[key] !== undefined) data[key] = definition[key];
  return data;
}

export interface ChannelDraft {
  definition: ChannelDefinition;
  secrets: Record<string, string>; // name → new value
}

// channelDraft is that form's data as a definition to save and the secrets to set first.
export function channelDraft(before: ChannelDefinition, type: ChannelType, channel: string, data: RecordData, language: string, known: ReadonlySet<string>): ChannelDraft {
  const secrets: Record<string, string> = {};
  const own: Record<string, unknown> = {};
  for (const { key, kind } of settings[type]) {
    const value = data[key];
    if (kind !== 'secret') {
      if (value !== undefined && value !== null && value !== '') own[key] = kind === 'whole' ? Number(value) : value;
      continue;
    }
    const name = secretName(channel, key);
    if (typeof value === 'string' && value !== '') secrets[name] = value.trim();
    if (secrets[name] !== undefined || known.has(name)) own[key] = name;
  }
  const kept = Object.entries(before).filter(([key]) => key !== 'language' && key !== 'urgent');
  const definition: ChannelDefinition = { ...Object.fromEntries(kept), kind: 'channel', key: channel, type, title: retitled(before['title'] as Text | undefined, String(data['title'] ?? ''), language) };
  // Mail without a server of its own leaves by the server's.
  if (type === 'email' && own['host'] === undefined) delete definition['email'];
  else definition[type] = own;
  for (const key of ['language', 'urgent']) {
    const value = data[key];
    if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) definition[key] = value;
  }
  return { definition, secrets };
}

function retitled(before: Text | undefined, title: string, language: string): Text {
  if (before === undefined || typeof before === 'string') return { [language]: title };
  return { ...before, [language]: title };
}

// freeKey is a key for a new channel of a type that no channel of the app has yet.
export function freeKey(type: ChannelType, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const key = n === 1 ? type : `${type}${String(n)}`;
    if (!taken.includes(key)) return key;
  }
}
