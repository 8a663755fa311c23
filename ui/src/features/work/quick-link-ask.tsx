import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import type { Field, FormDefinition, JsonSchema, RecordData } from '@/shared/definition/form';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { toast } from '@/shared/kit/toast';

interface QuickLinkAskProps {
  path: { app: string; form: string; id: string };
  askable: readonly Field[];
  missing: readonly Field[];
  onAsked: () => void;
  onClose: () => void;
}

interface Answers {
  user: string;
  fields: string[];
  note?: string;
  days: string;
  open?: boolean;
}

const nothing = {};
const vars = { record: {}, user: {} };

// QuickLinkAsk asks one colleague for some fields. They are told, and get a page with just these.
export function QuickLinkAsk({ path, askable, missing, onAsked, onClose }: QuickLinkAskProps): ReactNode {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')), staleTime: 5 * 60_000 });
  const opens = apps.data?.items.find(({ key }) => key === path.app)?.openQuickLinks === true;
  const form = useMemo(() => questions(askable, opens, t), [askable, opens, t]);
  const base = useMemo((): RecordData => ({ fields: missing.map(({ key }) => key), days: '7' }), [missing]);
  const state = useRecordForm({ app: path.app, form, validationSchema: form.schema, access: nothing, base, rev: 0, vars });
  const host = useApiFieldHost({ app: path.app, form: 'quickLink', read: () => state });
  const send = async () => {
    const ready = state.attempt();
    if (!ready || busy) return;
    const { user, fields, note, days, open } = ready.data as unknown as Answers;
    setBusy(true);
    try {
      await api.POST('/apps/{app}/forms/{form}/records/{id}/quick-links', {
        params: { path },
        body: { user, fields, hours: Number(days) * 24, ...(note && { note }), ...(open && { signIn: 'notRequired' as const }) },
      });
      toast.good(t('quick.askedNow'));
      onAsked();
    } catch (error) {
      const { title, detail, code } = asProblem(error);
      state.refuse([{ pointer: '', code, message: [title, detail].filter(Boolean).join(' ') }]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      title={t('quick.askSomebody')}
      onClose={onClose}
      width={480}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" busy={busy} onClick={() => void send()}>
            {t('quick.ask')}
          </Button>
        </>
      }
    >
      <p className="sw-ask-note">{t('quick.askLead')}</p>
      <FormRenderer form={state} host={host} onSubmit={() => void send()} />
    </Sheet>
  );
}

function questions(askable: readonly Field[], opens: boolean, t: TFunction): FormDefinition {
  const options = askable.map(({ key, title }) => ({ value: key, label: title }));
  const days = ['1', '3', '7', '14'].map((value) => ({ value, label: t('quick.days', { count: Number(value) }) }));
  const properties: Record<string, JsonSchema> = {
    user: { 'x-field': 'person', 'x-title': t('quick.whom'), type: 'string' },
    fields: { 'x-field': 'multiChoice', 'x-title': t('quick.what'), 'x-options': options, type: 'array', items: { type: 'string' } },
    note: { 'x-field': 'longText', 'x-title': t('quick.note'), type: 'string', maxLength: 500 },
    days: { 'x-field': 'singleChoice', 'x-title': t('quick.howLong'), 'x-options': days, type: 'string' },
  };
  if (opens) properties.open = { 'x-field': 'yesNo', 'x-title': t('quick.open'), 'x-help': t('quick.openHelp'), type: 'boolean' };
  return { kind: 'form', key: 'quickLink', title: t('quick.askSomebody'), schema: { type: 'object', properties, required: ['user', 'fields', 'days'] } };
}
