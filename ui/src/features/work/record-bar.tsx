import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/kit/button';
import type { RecordActions } from './use-record-actions';

// RecordBar holds what can be done now; the main action is the last one, under the thumb on a phone.
export function RecordBar({ actions, dirty }: { actions: RecordActions; dirty: boolean }): ReactNode {
  const { t } = useTranslation();
  const { may, busy } = actions;
  const decides = may.approve || may.complete || may.submit;
  if (!decides && !may.save && !may.reject && !may.return) return null;
  return (
    <div className="sw-actions sw-record-bar">
      {may.save && (
        <Button kind={decides ? 'plain' : 'primary'} busy={busy === 'save'} disabled={!dirty} onClick={actions.save}>
          {t('action.save')}
        </Button>
      )}
      {may.return && <Button onClick={() => actions.open('return')}>{t('record.do.return')}</Button>}
      {may.reject && <Button onClick={() => actions.open('reject')}>{t('record.do.reject')}</Button>}
      {may.approve && (
        <Button kind="primary" icon="approval" onClick={actions.main}>
          {t('record.do.approve')}
        </Button>
      )}
      {may.complete && (
        <Button kind="primary" icon="check" busy={busy === 'complete'} onClick={actions.main}>
          {t('record.do.complete')}
        </Button>
      )}
      {may.submit && (
        <Button kind="primary" icon="arrowRight" busy={busy === 'submit'} onClick={actions.main}>
          {t('record.do.submit')}
        </Button>
      )}
    </div>
  );
}
