import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { FieldHost, LinkChoice } from '@/fields/host';
import { textOf } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import { api, body, type Schemas } from '@/shared/client/client';
import { fileHref, upload } from '@/shared/client/upload';
import { fieldsOf } from '@/shared/definition/fields';
import type { Field, FormDefinition, LinkRule, RecordData } from '@/shared/definition/form';
import { textIn, type Text } from '@/shared/definition/text';
import { usePrefs } from '@/shared/prefs';
import { routes } from '@/shared/routes';

export interface FieldHostOptions {
  app: string;
  form: string;
  record?: string;
  names?: Readonly<Record<string, Text>> | undefined;
  // read gives the values as filled so far and the data of linked records. Lists, where nothing is filled, leave it out.
  read?: () => { values: RecordData; links: Record<string, RecordData> };
  busy?: (path: string, count: number) => void;
}

const found = 20;
const asked = 5 * 60_000;
const nothing: NonNullable<FieldHostOptions['read']> = () => ({ values: {}, links: {} });

// useApiFieldHost answers what field editors and cells ask, from the API.
export function useApiFieldHost({ app, form, record, names, read, busy }: FieldHostOptions): FieldHost {
  const queries = useQueryClient();
  const language = usePrefs((prefs) => prefs.language);
  const latest = useRef({ read: read ?? nothing, busy });
  useEffect(() => {
    latest.current = { read: read ?? nothing, busy };
  });
  return useMemo(() => {
    const now = () => latest.current.read();
    const lookup = (path: string) => {
      const [key = '', ...rest] = path.split('.');
      const from = rest.length === 0 ? now().values[key] : now().links[key]?.[rest.join('.')];
      return textOf(from) || undefined;
    };
    return {
      scope: `${app}/${form}`,
      kindOf,
      nameOf: (id) => names?.[id],
      people: async (search) => {
        const page = await body(api.GET('/people', { params: { query: { ...(search && { q: search }), limit: found } } }));
        return page.items.map((person) => personChoice(person, language));
      },
      person: async (id) => {
        const page = await body(api.GET('/people', { params: { query: { ids: id } } }));
        return page.items[0] && personChoice(page.items[0], language);
      },
      departments: async () => {
        const list = await queries.query({
          queryKey: ['departments'],
          queryFn: () => body(api.GET('/departments')),
          staleTime: asked,
        });
        return list.items.map(({ id, name, parent }) => ({ id, name: textIn(name, language), ...(parent && { parent }) }));
      },
      records: async (link, search) => {
        const filter = Object.fromEntries(Object.entries(link.where ?? {}).map(([theirs, own]) => [`data.${theirs}`, lookup(own) ?? '']));
        const query = { ...(search && { q: search }), limit: found, sort: '-updatedAt', ...(link.where && { filter: JSON.stringify(filter) }) };
        const page = await body(api.GET('/apps/{app}/forms/{form}/records', { params: { path: { app, form: link.form }, query } }));
        const fields = await linkedFields(queries, app, link);
        for (const item of page.items) queries.setQueryData(linkedKey(app, link.form, item.id), item);
        return page.items.map((item) => linkChoice(item, link, fields, language));
      },
      record: async (link, id) => {
        const item = await queries.query(linkedQuery(app, link.form, id));
        return linkChoice(item, link, [], language);
      },
      recordHref: (link, id) => routes.record(app, link.form, id),
      upload: (path, file, progress, signal) =>
        upload({ app, form, field: path, ...(record !== undefined && { record }), data: now().values }, file, progress, signal),
      fileHref,
      lookup,
      busy: (path, count) => latest.current.busy?.(path, count),
    };
  }, [app, form, record, names, queries, language]);
}

function personChoice(person: Schemas['Person'], language: string) {
  const note = [textIn(person.departmentName, language), person.position].filter(Boolean).join(' · ');
  return { id: person.id, name: person.name, ...(note && { note }) };
}

function linkChoice(item: Schemas['RecordSummary'], link: LinkRule, fields: readonly Field[], language: string): LinkChoice {
  const note = (link.show ?? [])
    .map((key) => {
      const value = textOf((item.data as RecordData)[key]);
      const option = fields.find((field) => field.key === key)?.options.find((candidate) => candidate.value === value);
      return option ? textIn(option.label, language) : value;
    })
    .filter((words) => words !== '' && !item.title.includes(words))
    .join(' · ');
  return { id: item.id, title: item.title, ...(note && { note }) };
}

async function linkedFields(queries: QueryClient, app: string, link: LinkRule): Promise<Field[]> {
  const view = await queries.query({
    queryKey: ['forms', app, link.form],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}', { params: { path: { app, form: link.form } } })),
    staleTime: asked,
  });
  return fieldsOf((view.form as unknown as FormDefinition).schema);
}

function linkedKey(app: string, form: string, id: string) {
  return ['records', app, form, id, 'plain'] as const;
}

// linkedQuery loads a linked record, for its name and for rules that look through the link.
export function linkedQuery(app: string, form: string, id: string) {
  return {
    queryKey: linkedKey(app, form, id),
    queryFn: (): Promise<Schemas['RecordSummary']> =>
      body(api.GET('/apps/{app}/forms/{form}/records/{id}', { params: { path: { app, form, id }, query: { view: 'plain' } } })),
    staleTime: asked,
  };
}
