import { ruleText, type Field, type FormDefinition } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import type { Derived } from './model';

export interface ShownSection {
  key: string;
  title: Text | undefined;
  columns: number;
  fields: Field[];
}

export interface SectionOptions {
  // only shows just these fields: what a step asks for.
  only?: ReadonlySet<string> | undefined;
  holds: (rule: string) => boolean;
}

// sectionsOf groups the fields to show the way the layout says; fields it does not name follow in the schema's order.
export function sectionsOf(form: FormDefinition, fields: readonly Field[], derived: Derived, { only, holds }: SectionOptions): ShownSection[] {
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const visible = (field: Field) => (derived.states[field.key]?.shown ?? false) && (only === undefined || only.has(field.key));
  const placed = new Set<string>();
  const sections: ShownSection[] = (form.layout ?? []).map((section) => {
    const listed = section.fields.flatMap((key) => byKey.get(key) ?? []);
    for (const field of listed) placed.add(field.key);
    const rule = ruleText(section.show);
    const shown = rule === '' || holds(rule);
    return { key: section.key, title: section.title, columns: section.columns ?? 2, fields: shown ? listed.filter(visible) : [] };
  });
  const rest = fields.filter((field) => !placed.has(field.key) && visible(field));
  sections.push({ key: '', title: undefined, columns: 2, fields: rest });
  return sections.filter((section) => section.fields.length > 0);
}
