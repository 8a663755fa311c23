import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';
import { useText } from '@/shared/i18n/use-text';
import type { Wording } from './words';

interface FormShape {
  schema?: { properties?: Record<string, { 'x-title'?: Text; title?: Text }> };
}

// useWording names the fields and stages of a form in the person's language.
export function useWording(app: string, form: string): Wording {
  const { t } = useTranslation();
  const text = useText();
  const view = useQuery({
    queryKey: ['forms', app, form, 'words'],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}', { params: { path: { app, form } } })),
    staleTime: 60_000,
  });
  const fields = (view.data?.form as FormShape | undefined)?.schema?.properties ?? {};
  return {
    t,
    text,
    field: (key) => text(fields[key]?.['x-title'] ?? fields[key]?.title) || key,
    stage: (key) => text(view.data?.stages?.find((one) => one.block === key)?.title) || key,
  };
}
