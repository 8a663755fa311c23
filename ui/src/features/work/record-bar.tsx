import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/kit/button';
import { usePhone } from '@/shared/kit/use-phone';
import { Menu } from './menu';
import type { BarAction } from './use-record-actions';

interface RecordBarProps {
  actions: readonly BarAction[];
  busy: string | undefined;
  // unsaved: something was typed that the server does not have.
  unsaved: boolean;
}

// On a phone so many buttons fit beside the main one.
const beside = 2;

// RecordBar holds what can be done now; the main action is the last one, under the thumb on a phone.
export function RecordBar({ actions, busy, unsaved }: RecordBarProps): ReactNode {
  const { t } = useTranslation();
  const phone = usePhone();
  if (actions.length === 0) return null;
  const folded = phone ? actions.slice(0, -1).slice(beside) : [];
  const shown = actions.filter((action) => !folded.includes(action));
  return (
    <div className="sw-actions sw-record-bar">
      {unsaved && !phone && <span className="sw-record-unsaved">{t('record.unsaved')}</span>}
      {folded.length > 0 && <Menu up label={t('record.more')} items={folded.map(({ key, title, icon, run }) => ({ key, title, icon: icon ?? 'more', run }))} />}
      {shown.map(({ key, title, icon, kind, disabled, run }) => (
        <Button key={key} kind={kind ?? 'plain'} {...(icon && { icon })} busy={busy === key} disabled={disabled} onClick={run}>
          {title}
        </Button>
      ))}
    </div>
  );
}
