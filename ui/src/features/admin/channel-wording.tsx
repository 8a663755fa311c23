import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body, type Schemas } from '@/shared/client/client';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { usePrefs } from '@/shared/prefs';
import { wordingForm, wordingOf } from './wording-form';

type Preview = Schemas['ChannelPreview'];

const access = {};
const vars = { record: {}, user: {} };

// ChannelWording tries a wording out: what stands in the form is shown at once as this channel would put it.
export function ChannelWording({ app, channel }: { app: string; channel: string }): ReactNode {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const form = useMemo(() => wordingForm(t), [t]);
  const base = useMemo(() => ({ cause: 'task', language }), [language]);
  const state = useRecordForm({ app, form, validationSchema: form.schema, access, base, rev: 0, vars });
  const host = useApiFieldHost({ app, form: 'wording', read: () => state, busy: state.busy });
  const asked = useDeferredValue(JSON.stringify(wordingOf(state.derived.data, app, channel)));
  const preview = useQuery({
    queryKey: ['admin', 'preview', app, asked],
    queryFn: () => body(api.POST('/apps/{app}/channels/preview', { params: { path: { app } }, body: JSON.parse(asked) as ReturnType<typeof wordingOf> })),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  return (
    <>
      <p className="sw-admin-lead">{t('channels.preview.lead')}</p>
      <FormRenderer form={state} host={host} onSubmit={() => void preview.refetch()} />
      <section className="sw-channel-preview" aria-label={t('channels.preview.title')} aria-live="polite">
        {preview.isError ? <ErrorState error={preview.error} onRetry={() => void preview.refetch()} /> : preview.data ? <Shown preview={preview.data} /> : <SkeletonRows rows={3} />}
      </section>
    </>
  );
}

function Shown({ preview: { rendered, hidden, unknown } }: { preview: Preview }): ReactNode {
  const { t } = useTranslation();
  const places = (keys: readonly string[]) => keys.map((key) => `{${key}}`).join(' ');
  return (
    <>
      {rendered.title && <h3>{rendered.title}</h3>}
      <pre>{rendered.text ?? rendered.body}</pre>
      <p className="sw-admin-note">
        {rendered.limit === undefined ? t('channels.preview.size', { bytes: rendered.bytes }) : t('channels.preview.sizeOf', { bytes: rendered.bytes, limit: rendered.limit })}
        {rendered.cut && ` · ${t('channels.preview.cut')}`}
      </p>
      {unknown.length > 0 && <p className="sw-admin-why">{t('channels.preview.unknown', { places: places(unknown) })}</p>}
      {hidden.length > 0 && <p className="sw-admin-note">{t('channels.preview.hidden', { places: places(hidden) })}</p>}
    </>
  );
}
