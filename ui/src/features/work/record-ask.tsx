import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useText } from '@/shared/i18n/use-text';
import { AskSheet, type AskSheetProps } from './ask-sheet';
import type { FormView } from './record-view';
import type { Ask } from './use-record-actions';

interface RecordAskProps extends Pick<AskSheetProps, 'onSend' | 'onClose'> {
  ask: Ask;
  app: string;
  form: FormView;
  dirty: boolean;
}

// RecordAsk is the sheet for one decision on a record.
export function RecordAsk({ ask: { what, task }, app, form, dirty, onSend, onClose }: RecordAskProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const asked = useMemo((): Pick<AskSheetProps, 'text' | 'to' | 'user'> => {
    switch (what) {
      case 'approve':
        return { text: { title: t('record.ask.comment'), required: false } };
      case 'reject':
        return { text: { title: t('record.ask.why'), required: true } };
      case 'return':
        return { text: { title: t('record.ask.why'), required: true }, to: { title: t('record.ask.to'), steps: task?.returnTo ?? [] } };
      case 'assign':
        return { text: { title: t('record.ask.comment'), required: false }, user: { title: t('record.ask.who') } };
      case 'override':
        return { text: { title: t('record.ask.why'), required: true }, to: { title: t('record.ask.stage'), steps: form.stages } };
    }
  }, [what, task, form.stages, t]);
  const action = t(`record.do.${what}`);
  const step = text(task?.title);
  const note = what === 'override' ? t('record.ask.override') : what !== 'assign' && dirty ? t('record.ask.unsaved') : undefined;
  return (
    <AskSheet
      app={app}
      title={what === 'override' || !step ? action : `${action} · ${step}`}
      note={note}
      action={action}
      danger={what === 'reject' || what === 'override'}
      {...asked}
      onSend={onSend}
      onClose={onClose}
    />
  );
}
