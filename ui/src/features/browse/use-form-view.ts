import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, body, type Schemas } from '@/shared/client/client';
import { fieldsOf } from '@/shared/definition/fields';
import type { Field, FormDefinition } from '@/shared/definition/form';

export type FormView = Omit<Schemas['FormView'], 'form'> & { form: FormDefinition };

// useFormView is a published form as this person may use it, with its fields.
export function useFormView(app: string, form: string): { query: UseQueryResult<Schemas['FormView']>; view: FormView | undefined; fields: Field[] } {
  const query = useQuery({
    queryKey: ['forms', app, form],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}', { params: { path: { app, form } } })),
    staleTime: 5 * 60_000,
  });
  const view = query.data as FormView | undefined;
  const fields = useMemo(() => (view ? fieldsOf(view.form.schema) : []), [view]);
  return { query, view, fields };
}
