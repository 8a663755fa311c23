import { createContext, use } from 'react';
import type { Field, FileRef, LinkRule } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import type { FieldKind } from './kind';

export interface PersonChoice {
  id: string;
  name: string;
  note?: string; // position or department
}

export interface DepartmentChoice {
  id: string;
  name: string;
  parent?: string;
}

export interface LinkChoice {
  id: string;
  title: string;
  note?: string;
}

// FieldHost is what field editors ask of the page they stand on.
export interface FieldHost {
  // scope separates cached answers of one form from another's.
  scope: string;
  // kindOf lets a field that holds fields show them.
  kindOf: (field: Pick<Field, 'type'>) => FieldKind;
  // nameOf is the display name of a person, department or record, as far as it is known without asking.
  nameOf: (id: string) => Text | undefined;
  people: (search: string) => Promise<PersonChoice[]>;
  person: (id: string) => Promise<PersonChoice | undefined>;
  departments: () => Promise<DepartmentChoice[]>;
  records: (link: LinkRule, search: string) => Promise<LinkChoice[]>;
  record: (link: LinkRule, id: string) => Promise<LinkChoice | undefined>;
  recordHref: (link: LinkRule, id: string) => string | undefined;
  upload: (path: string, file: File, progress: (done: number) => void, signal: AbortSignal) => Promise<FileRef>;
  // fileHref is where a stored file is read; undefined where nobody may.
  fileHref: (id: string, download: boolean) => string | undefined;
  // lookup reads a value of the record being filled, or through a link ("customer.code") what is known of it.
  lookup: (path: string) => string | undefined;
  // busy says that a field has so many uploads under way; a form is not sent before they end.
  busy: (path: string, count: number) => void;
}

export const FieldHostContext = createContext<FieldHost | undefined>(undefined);

export function useFieldHost(): FieldHost {
  const host = use(FieldHostContext);
  if (!host) throw new Error('a field needs a FieldHostContext above it');
  return host;
}
