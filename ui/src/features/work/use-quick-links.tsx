import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Derived } from '@/features/form/model';
import type { Field } from '@/shared/definition/form';
import { allWords } from '@/shared/i18n/i18n';
import type { MenuItem } from './menu';
import { filledAlone, missingFields } from './record-view';

const QuickLinksSheet = lazy(async () => {
  const [{ QuickLinksSheet: Sheet }] = await Promise.all([import('./quick-links-sheet'), allWords()]);
  return { default: Sheet };
});

interface Asking {
  app: string;
  form: string;
  id: string;
  fields: readonly Field[];
  derived: Derived;
}

// useQuickLinks is the entry of a record's menu by which a colleague is asked for fields, and the sheet that it opens.
export function useQuickLinks({ app, form, id, fields, derived }: Asking): { item: MenuItem; sheet: ReactNode } {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const askable = useMemo(() => fields.filter((field) => derived.states[field.key]?.writable && filledAlone(field)), [fields, derived.states]);
  return {
    item: { key: 'quick', title: t('record.do.quickLinks'), icon: 'mail', run: () => setOpen(true) },
    sheet: open && (
      <Suspense fallback={null}>
        <QuickLinksSheet app={app} form={form} id={id} fields={fields} askable={askable} missing={missingFields(fields, derived).filter(filledAlone)} onClose={() => setOpen(false)} />
      </Suspense>
    ),
  };
}
