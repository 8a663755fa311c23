import { fieldTypes, ruleText } from './form';
import type { Field, FieldOption, FieldType, FileRule, JsonSchema, LinkRule, Rule } from './form';
import type { Text } from './text';

// fieldsOf reads the fields of a form's (or a sub-table's items') schema, in the order the schema names them.
export function fieldsOf(schema: JsonSchema): Field[] {
  const properties = asObject(schema.properties);
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties).map(([key, node]) => fieldOf(key, asObject(node), required.has(key)));
}

function fieldOf(key: string, node: JsonSchema, required: boolean): Field {
  const items = asObject(node.items);
  const type = typeOf(node, items);
  const field: Field = {
    key,
    type,
    title: (node['x-title'] as Text | undefined) ?? (node.title as string | undefined) ?? key,
    required,
    options: optionsOf(node, items),
    formula: ruleText(node['x-formula'] as Rule | undefined),
    defaultBy: ruleText(node['x-default'] as Rule | undefined),
    show: ruleText(node['x-show'] as Rule | undefined),
    require: ruleText(node['x-require'] as Rule | undefined),
    lock: ruleText(node['x-lock'] as Rule | undefined),
    items: type === 'subTable' ? fieldsOf(items) : [],
    schema: node,
  };
  const help = (node['x-help'] ?? node.description) as Text | undefined;
  if (help !== undefined) field.help = help;
  if (node['x-placeholder'] !== undefined) field.placeholder = node['x-placeholder'] as Text;
  if (node['x-currency'] !== undefined) field.currency = node['x-currency'] as string;
  if (node['x-unit'] !== undefined) field.unit = node['x-unit'] as Text;
  if (typeof node['x-decimals'] === 'number') field.decimals = node['x-decimals'];
  if (node['x-link'] !== undefined) field.link = node['x-link'] as LinkRule;
  if (node['x-message'] !== undefined) field.message = node['x-message'] as Text;
  if (node.default !== undefined) field.default = node.default;
  if (type === 'file') {
    field.file = (node['x-file'] as FileRule | undefined) ?? {};
    // A least number of files is a promise that there is one.
    field.required = required || (field.file.minCount ?? 0) > 0;
  }
  return field;
}

// typeOf reads x-field, or infers it so that an ordinary JSON Schema is a form.
function typeOf(node: JsonSchema, items: JsonSchema): FieldType {
  const named = node['x-field'];
  if (typeof named === 'string' && (fieldTypes as readonly string[]).includes(named)) return named as FieldType;
  switch (node.type) {
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'yesNo';
    case 'array':
      return Object.keys(asObject(items.properties)).length > 0 ? 'subTable' : 'multiChoice';
  }
  if (Array.isArray(node.enum)) return 'singleChoice';
  switch (node.format) {
    case 'date':
      return 'date';
    case 'date-time':
      return 'dateTime';
    case 'email':
      return 'email';
    case 'uri':
      return 'url';
  }
  return 'text';
}

function optionsOf(node: JsonSchema, items: JsonSchema): FieldOption[] {
  const given = node['x-options'];
  if (Array.isArray(given)) return given as FieldOption[];
  const values = [node.enum, items.enum].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return values.filter((value) => typeof value === 'string').map((value) => ({ value, label: value }));
}

function asObject(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}
