import type { Text } from './text';

// The words of schemas/form, mirrored. What each means is written there.

export const fieldTypes = [
  'text',
  'longText',
  'number',
  'money',
  'percent',
  'phone',
  'email',
  'url',
  'yesNo',
  'singleChoice',
  'multiChoice',
  'date',
  'dateTime',
  'person',
  'department',
  'file',
  'link',
  'subTable',
  'checklist',
  'formula',
  'autoNumber',
  'note',
] as const;

export type FieldType = (typeof fieldTypes)[number];

export type FieldAccess = 'hidden' | 'read' | 'write' | 'required';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type RecordData = Record<string, unknown>;
export type JsonSchema = Record<string, unknown>;

// A rule is CEL, alone or with the tree of choices it was compiled from.
export type Rule = string | { cel: string; visual?: unknown };

export function ruleText(rule: Rule | undefined): string {
  if (rule === undefined) return '';
  return typeof rule === 'string' ? rule : rule.cel;
}

export type OptionColor = 'green' | 'amber' | 'red' | 'blue' | 'grey' | 'teal';

export interface FieldOption {
  value: string;
  label: Text;
  color?: OptionColor;
}

export interface LinkRule {
  form: string;
  show?: string[];
  where?: Record<string, string>;
}

export interface FileRule {
  types?: string[];
  maxBytes?: number;
  maxCount?: number;
  minCount?: number;
  nameContains?: string;
}

export interface FileRef {
  id: string;
  name: string;
  size: number;
  type: string;
}

export interface Field {
  key: string;
  type: FieldType;
  title: Text;
  help?: Text;
  placeholder?: Text;
  required: boolean;
  options: FieldOption[];
  currency?: string;
  unit?: Text;
  decimals?: number;
  link?: LinkRule;
  file?: FileRule;
  default?: unknown;
  formula: string;
  defaultBy: string;
  show: string;
  require: string;
  lock: string;
  message?: Text;
  items: Field[];
  schema: JsonSchema;
}

export interface Section {
  key: string;
  title?: Text;
  columns?: number;
  fields: string[];
  show?: Rule;
}

export interface CrossRule {
  id: string;
  rule: Rule;
  message: Text;
  field?: string;
}

export interface ListLook {
  columns?: string[];
  sort?: string;
  indexed?: string[];
  card?: string[];
  amount?: string;
}

// FormDefinition is the body of a definition of kind "form".
export interface FormDefinition {
  kind: 'form';
  key: string;
  title: Text;
  description?: Text;
  plural?: Text;
  icon?: string;
  schema: JsonSchema;
  recordTitle?: string;
  indexes?: string[][];
  layout?: Section[];
  rules?: CrossRule[];
  list?: ListLook;
  search?: string[];
  owner?: string;
}
