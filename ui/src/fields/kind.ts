import type { ComponentType } from 'react';
import type { Field } from '@/shared/definition/form';

// FieldMessage is what is wrong at a place inside a field's value; the pointer is relative to the value, "" is the whole.
export interface FieldMessage {
  pointer: string;
  message: string;
}

export interface EditorProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  id: string; // of the control that the label names
  describedBy: string | undefined; // ids of help and messages
  required: boolean;
  invalid: boolean;
  messages: readonly FieldMessage[];
  path: string; // the field's key; "table.column" inside a sub-table
}

export interface ReadProps {
  field: Field;
  value: unknown;
}

// FieldKind is everything the product knows about showing and editing one type of field.
export interface FieldKind {
  Desk: ComponentType<EditorProps>;
  Touch: ComponentType<EditorProps>;
  Read: ComponentType<ReadProps>; // on the record page, never empty
  Cell: ComponentType<ReadProps>; // one line in a list, never empty
  // wide fields take the whole width of a two-column section.
  wide?: boolean;
  // group: the editor is several controls, so the label names the group and not one of them.
  group?: boolean;
  // numeric cells are aligned by their last digit.
  numeric?: boolean;
  // bare fields have no label: they are text themselves.
  bare?: boolean;
}

// isEmpty tells whether a field has nothing in it. false and 0 are something.
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

// textOf reads a value that should be text; a draft may hold anything.
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
