import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeWords } from '@/shared/i18n/time';
import { Button, IconButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import type { RecordForm } from './use-record-form';

// UnsentNotice says quietly that input from before is here again.
export function UnsentNotice({ form }: { form: RecordForm }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const { restored } = form;
  if (!restored) return null;
  const when = words.moment(new Date(restored.at).toISOString());
  return (
    <div className="sw-unsent" role="status">
      <Icon name="history" size={16} />
      <span>
        {t('form.restored', { when })} {restored.outdated && t('form.restoredOutdated')}
      </span>
      <Button kind="link" size="small" onClick={form.discard}>
        {t('form.discard')}
      </Button>
      <IconButton icon="close" size="small" label={t('kit.close')} onClick={form.keepRestored} />
    </div>
  );
}
