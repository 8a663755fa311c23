import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, body } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import './automations.css';
import { useWording } from './use-wording';
import { triggerWords, type Automation } from './words';

// AutomationsPage is what an app does by itself: each automation with its state and how its runs went.
export function AutomationsPage(): ReactNode {
  const { t } = useTranslation();
  const { app = '' } = useParams();
  const list = useQuery({
    queryKey: ['automations', app],
    queryFn: () => body(api.GET('/apps/{app}/automations', { params: { path: { app } } })),
  });
  return (
    <div className="sw-page">
      <PageTitle title={t('automation.title')} />
      <header className="sw-page-head">
        <h1>
          <Link to={routes.definitions(app)} className="sw-auto-up">
            {t('nav.design')}
          </Link>{' '}
          {t('automation.title')}
        </h1>
      </header>
      <p className="sw-auto-lead">{t('automation.lead')}</p>
      <div className="sw-panel">
        {list.isError ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : !list.data ? (
          <SkeletonRows />
        ) : list.data.items.length === 0 ? (
          <EmptyState icon="refresh" title={t('automation.none')} text={t('automation.noneText')} />
        ) : (
          <ul>
            {list.data.items.map((item) => (
              <Row key={item.key} app={app} item={item} />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function Row({ app, item }: { app: string; item: Automation }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const wording = useWording(app, item.form);
  const { failed, stopped, done, pending, last } = item.runs;
  return (
    <li>
      <Link to={routes.automation(app, item.key)} className="sw-auto-row">
        <span className="sw-auto-name">
          <strong>{text(item.title)}</strong>
          <span>{[text(item.formTitle), triggerWords(item, wording)].filter(Boolean).join(' · ')}</span>
        </span>
        <span className="sw-auto-signs">
          {item.broken && <Chip tone="bad">{t('automation.broken')}</Chip>}
          {item.off ? <Chip>{t('automation.off')}</Chip> : item.paused ? <Chip tone="warn">{t('automation.pausedShort')}</Chip> : !item.broken && <Chip tone="good">{t('automation.on')}</Chip>}
          {failed > 0 && <Chip tone="bad">{t('automation.failed', { count: failed })}</Chip>}
          {stopped > 0 && <Chip tone="warn">{t('automation.stopped', { count: stopped })}</Chip>}
        </span>
        <span className="sw-auto-counts">
          {last ? (
            <>
              <span>{[t('automation.done', { count: done }), pending > 0 && t('automation.pending', { count: pending })].filter(Boolean).join(' · ')}</span>
              <time dateTime={last} title={words.dateTime(last)}>
                {t('automation.lastRun', { when: words.ago(last) })}
              </time>
            </>
          ) : (
            <span>{t('automation.never')}</span>
          )}
        </span>
        <Icon name="chevronRight" />
      </Link>
    </li>
  );
}
