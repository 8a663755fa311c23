import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { AskSheet, type Asks, type AskSheetProps } from './ask-sheet';
import type { FormView, RecordView, Task } from './record-view';
import type { Ask } from './use-record-actions';

interface RecordAskProps extends Pick<AskSheetProps, 'onSend' | 'onClose'> {
  ask: Ask;
  record: Pick<RecordView, 'app' | 'names'>;
  form: FormView;
  dirty: boolean;
}

// Words that people use again and again are offered with these.
const decisions = ['approve', 'reject', 'abstain', 'return', 'complete'] as const satisfies readonly Ask['what'][];
// What is typed on the page goes along with these.
const along: readonly Ask['what'][] = [...decisions, 'submit'];
const dangers: readonly Ask['what'][] = ['reject', 'override', 'cancel'];

// RecordAsk is the sheet for one decision on a record.
export function RecordAsk({ ask: { what, task }, record, form, dirty, onSend, onClose }: RecordAskProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { app, names } = record;
  const decides = (decisions as readonly Ask['what'][]).includes(what);
  const opinions = useQuery({
    queryKey: ['opinions', app],
    queryFn: () => body(api.GET('/me/opinions', { params: { query: { app } } })),
    staleTime: 60_000,
    enabled: decides,
  });
  const phrases = useMemo(() => [...(opinions.data?.mine ?? []), ...(opinions.data?.app ?? []).map((one) => text(one))], [opinions.data, text]);
  const asks = useMemo((): Asks => {
    const why = { title: t('ask.why'), required: true };
    const comment = { title: t('record.ask.comment'), required: false };
    const nameOf = (id: string) => text(names?.[id]) || id;
    const parts = (task?.parts ?? []).map((id) => ({ id, name: nameOf(id) }));
    const proofs = { signature: task?.signature === 'required', password: task?.confirm === 'password' };
    const people = { title: t(`ask.${what === 'addSigner' ? 'signers' : what === 'copy' ? 'copies' : 'who'}`), without: what === 'copy' ? [] : (task?.assignees ?? []) };
    switch (what) {
      case 'approve':
      case 'abstain':
      case 'complete':
        return { text: comment, parts, ...proofs };
      case 'reject':
        return { text: why, parts, ...proofs };
      case 'return':
        return { text: why, parts, to: { title: t('ask.to'), steps: task?.returnTo ?? [] } };
      case 'transfer':
        return { text: comment, parts, users: people };
      case 'addSigner':
        return { text: comment, parts, users: people, where: task?.signers ?? [] };
      case 'assign':
      case 'copy':
        return { text: comment, users: people };
      case 'override':
        return { text: why, to: { title: t('ask.stage'), steps: form.stages } };
      case 'suspend':
      case 'cancel':
        return { text: why };
      case 'submit':
        return {};
    }
  }, [what, task, names, form.stages, text, t]);
  const action = t(`record.do.${what}`);
  const step = text(task?.title);
  return (
    <AskSheet
      title={step ? `${action} · ${step}` : action}
      note={noteOf(what, task, t) ?? (along.includes(what) && dirty ? t('ask.unsaved') : undefined)}
      action={action}
      danger={dangers.includes(what)}
      asks={decides ? { ...asks, phrases } : asks}
      onSend={onSend}
      onClose={onClose}
    />
  );
}

// noteOf is what somebody should know before they do it.
function noteOf(what: Ask['what'], task: Task | undefined, t: TFunction): string | undefined {
  switch (what) {
    case 'override':
    case 'suspend':
    case 'cancel':
    case 'transfer':
      return t(`ask.${what}`);
    case 'abstain':
      return task?.mode === 'vote' ? t('ask.abstain') : undefined;
    case 'submit':
      return t('ask.submit');
    case 'approve':
    case 'reject':
    case 'return':
    case 'complete':
    case 'assign':
    case 'addSigner':
    case 'copy':
      return undefined;
  }
}
