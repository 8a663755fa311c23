import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/shared/client/client';

interface QuietHoursProps {
  quiet: Schemas['QuietHours'];
  onQuiet: (quiet: Schemas['QuietHours']) => void;
  digestAt: string;
  onDigest: (at: string) => void;
  zone: string;
}

// QuietHours is when somebody wants peace, and when they want what was collected.
export function QuietHours({ quiet, onQuiet, digestAt, onDigest, zone }: QuietHoursProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const from = quiet.from ?? '20:00';
  const to = quiet.to ?? '08:00';
  return (
    <>
      <div className="sw-me-row">
        <label className="sw-me-check">
          <input type="checkbox" checked={quiet.on} onChange={(event) => onQuiet({ ...quiet, from, to, on: event.target.checked })} />
          <span className="sw-me-what">
            {t('me.quiet')}
            <span className="sw-help">{t('me.quietHelp', { zone })}</span>
          </span>
        </label>
        {quiet.on && (
          <span className="sw-me-times">
            <input className="sw-input" type="time" required aria-label={t('me.quietFrom')} value={from} onChange={(event) => onQuiet({ ...quiet, to, from: event.target.value })} />
            <span aria-hidden="true">–</span>
            <input className="sw-input" type="time" required aria-label={t('me.quietTo')} value={to} onChange={(event) => onQuiet({ ...quiet, from, to: event.target.value })} />
          </span>
        )}
      </div>
      {quiet.on && (
        <div className="sw-me-row">
          <label className="sw-me-check">
            <input type="checkbox" checked={quiet.freeDays ?? false} onChange={(event) => onQuiet({ ...quiet, from, to, freeDays: event.target.checked })} />
            <span>{t('me.freeDays')}</span>
          </label>
        </div>
      )}
      <div className="sw-me-row">
        <label className="sw-me-what" htmlFor={id}>
          <span>{t('me.digestAt')}</span>
          <span className="sw-help">{t('me.digestHelp')}</span>
        </label>
        <span className="sw-me-times">
          <input id={id} className="sw-input" type="time" required value={digestAt} onChange={(event) => onDigest(event.target.value)} />
        </span>
      </div>
    </>
  );
}
