import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { runTones, type Run, type RunState } from './words';

const states: readonly RunState[] = ['pending', 'done', 'dead', 'stopped', 'skipped'];
const pageSize = 20;

interface RunListProps {
  app: string;
  automation: string;
  onOpen: (id: string) => void;
}

// RunList is the runs of an automation, newest first.
export function RunList({ app, automation, onOpen }: RunListProps): ReactNode {
  const { t } = useTranslation();
  const [state, setState] = useState<RunState | ''>('');
  const runs = useInfiniteQuery({
    queryKey: ['runs', app, automation, state],
    queryFn: ({ pageParam }) =>
      body(api.GET('/apps/{app}/runs', { params: { path: { app }, query: { automation, limit: pageSize, ...(state && { state }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: 10_000,
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="sw-panel" aria-label={t('automation.runs')}>
      <div className="sw-panel-head">
        <h2>{t('automation.runs')}</h2>
        <select className="sw-input sw-auto-filter" aria-label={t('automation.filter')} value={state} onChange={(event) => setState(event.target.value as RunState | '')}>
          <option value="">{t('automation.all')}</option>
          {states.map((one) => (
            <option key={one} value={one}>
              {t(`automation.state.${one}`)}
            </option>
          ))}
        </select>
      </div>
      {runs.isError ? (
        <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />
      ) : !runs.data ? (
        <SkeletonRows rows={4} />
      ) : items.length === 0 ? (
        <EmptyState icon="history" title={t('automation.noRuns')} text={t('automation.noRunsText')} />
      ) : (
        <ul>
          {items.map((run) => (
            <li key={run.id}>
              <RunRow run={run} onOpen={() => onOpen(run.id)} />
            </li>
          ))}
        </ul>
      )}
      {runs.hasNextPage && (
        <div className="sw-auto-more">
          <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            {t('automation.more')}
          </Button>
        </div>
      )}
    </section>
  );
}

function RunRow({ run, onOpen }: { run: Run; onOpen: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const why = run.trying
    ? t('automation.trying', { count: run.trying.attempts, when: run.trying.at ? words.moment(run.trying.at) : '' })
    : run.state === 'pending' && run.waitsFor
      ? t('automation.waitsFor', { when: words.moment(run.waitsFor) })
      : text(run.why);
  return (
    <button type="button" className="sw-auto-row" onClick={onOpen}>
      <span className="sw-auto-name">
        <strong>{run.record ? run.recordTitle || run.record : t('automation.noRecord')}</strong>
        {why && <span className="sw-ellipsis">{why}</span>}
      </span>
      <span className="sw-auto-signs">
        <Chip tone={runTones[run.state]}>{t(`automation.state.${run.state}`)}</Chip>
      </span>
      <span className="sw-auto-counts">
        <time dateTime={run.at} title={words.dateTime(run.at)}>
          {words.moment(run.at)}
        </time>
        {run.endedAt && <span>{t('automation.seconds', { count: Math.round(run.seconds * 10) / 10 })}</span>}
      </span>
      <Icon name="chevronRight" />
    </button>
  );
}
