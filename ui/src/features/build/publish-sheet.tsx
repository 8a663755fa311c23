import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';

export interface PublishSheetProps {
  title: string;
  busy: boolean;
  onPublish: (note: string) => void;
  onClose: () => void;
  // children say what publishing will do.
  children?: ReactNode;
}

// PublishSheet asks what changed before a draft comes into force.
export function PublishSheet({ title, busy, onPublish, onClose, children }: PublishSheetProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const [note, setNote] = useState('');
  return (
    <Sheet
      title={t('build.publishTitle', { title })}
      onClose={onClose}
      width={420}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" busy={busy} onClick={() => onPublish(note.trim())}>
            {t('build.publish')}
          </Button>
        </>
      }
    >
      {children}
      <div className="sw-field">
        <p className="sw-help">{t('build.publishHelp')}</p>
        <label className="sw-field-label" htmlFor={id}>
          {t('build.note')}
        </label>
        <textarea id={id} className="sw-input" rows={4} maxLength={500} data-autofocus="" value={note} onChange={(event) => setNote(event.target.value)} />
      </div>
    </Sheet>
  );
}
