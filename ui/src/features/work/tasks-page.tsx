import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';
import { Button } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { Segments } from '@/shared/kit/tabs';
import { later } from './record-parts';
import { TaskRow } from './task-row';
import './batch.css';
import './work.css';

const BatchSheet = lazy(later(async () => (await import('./batch-sheet')).BatchSheet));

type State = 'open' | 'done';
type Kind = 'task' | 'checklist' | 'approval';
const pageSize = 50;
// most is how many the server decides at once.
const most = 100;

// TasksPage lists what waits for me, red first, and what I have done. What is chosen stays in the address.
export function TasksPage(): ReactNode {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const state: State = params.get('state') === 'done' ? 'done' : 'open';
  const kind = kindOf(params.get('kind'));
  const tasks = useInfiniteQuery({
    queryKey: ['tasks', state, kind ?? 'all'],
    queryFn: ({ pageParam }) => body(api.GET('/tasks', { params: { query: { state, limit: pageSize, ...(kind && { kind }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const choose = (next: { state?: State; kind?: Kind | 'all' }) => {
    const wanted = { state, kind: kind ?? 'all', ...next };
    setParams({ ...(wanted.state === 'done' && { state: 'done' }), ...(wanted.kind !== 'all' && { kind: wanted.kind }) }, { replace: true });
  };
  const items = tasks.data?.pages.flatMap((page) => page.items) ?? [];
  const total = tasks.data?.pages[0]?.total;
  const names = Object.assign({}, ...(tasks.data?.pages ?? []).map((page) => page.names ?? {})) as Record<string, Text>;
  const [choosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [deciding, setDeciding] = useState<readonly Schemas['Task'][]>();
  const approvals = state === 'open' ? items.filter((task) => task.kind === 'approval') : [];
  const marked = approvals.filter((task) => chosen.includes(task.id));
  const stop = () => {
    setChoosing(false);
    setChosen([]);
    setDeciding(undefined);
  };
  return (
    <div className="sw-page">
      <PageTitle title={t('tasks.title')} />
      <header className="sw-page-head">
        <h1>{t('tasks.title')}</h1>
        {total !== undefined && total > 0 && <span className="sw-help">{t('tasks.count', { count: total })}</span>}
        {approvals.length > 1 && (
          <Button size="small" icon={choosing ? 'close' : 'tasks'} aria-pressed={choosing} onClick={() => (choosing ? stop() : setChoosing(true))}>
            {t(choosing ? 'action.cancel' : 'tasks.choose')}
          </Button>
        )}
      </header>
      <div className="sw-work-filters">
        <Segments
          label={t('tasks.state')}
          selected={state}
          onSelect={(next) => choose({ state: next })}
          segments={[
            { key: 'open', title: t('tasks.open') },
            { key: 'done', title: t('tasks.done') },
          ]}
        />
        <Segments
          label={t('tasks.kind')}
          selected={kind ?? 'all'}
          onSelect={(next) => choose({ kind: next })}
          segments={[
            { key: 'all', title: t('tasks.all') },
            { key: 'task', title: t('tasks.toDo') },
            { key: 'checklist', title: t('tasks.checklist') },
            { key: 'approval', title: t('tasks.approval') },
          ]}
        />
      </div>
      <div className="sw-panel">
        {tasks.isError ? (
          <ErrorState error={tasks.error} onRetry={() => void tasks.refetch()} />
        ) : !tasks.data ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          state === 'done' ? (
            <EmptyState icon="tasks" title={t('tasks.noneDone')} />
          ) : (
            <EmptyState icon="check" title={t('tasks.none')} text={t('tasks.noneText')} />
          )
        ) : (
          <ul className="sw-rows">
            {items.map((task) => (
              <li key={task.id} className={choosing ? 'sw-batch-row' : undefined}>
                {choosing && (
                  <label>
                    <span className="sw-visually-hidden">{t('tasks.mark', { title: task.recordTitle })}</span>
                    <input
                      type="checkbox"
                      disabled={task.kind !== 'approval'}
                      checked={chosen.includes(task.id)}
                      onChange={(event) => setChosen(event.target.checked ? [...chosen, task.id] : chosen.filter((id) => id !== task.id))}
                    />
                  </label>
                )}
                <TaskRow task={task} names={names} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {choosing && (
        <div className="sw-actions sw-record-bar">
          <Button onClick={() => setChosen(marked.length === approvals.length ? [] : approvals.slice(0, most).map(({ id }) => id))}>{t('tasks.chooseAll')}</Button>
          <Button kind="primary" icon="approval" disabled={marked.length === 0} onClick={() => setDeciding(marked)}>
            {t('tasks.decide', { count: marked.length })}
          </Button>
        </div>
      )}
      {deciding && (
        <Suspense>
          <BatchSheet tasks={deciding} onClose={stop} />
        </Suspense>
      )}
      {tasks.hasNextPage && (
        <p className="sw-work-more">
          <Button busy={tasks.isFetchingNextPage} onClick={() => void tasks.fetchNextPage()}>
            {t('tasks.more')}
          </Button>
        </p>
      )}
    </div>
  );
}

function kindOf(text: string | null): Kind | undefined {
  return text === 'task' || text === 'checklist' || text === 'approval' ? text : undefined;
}
