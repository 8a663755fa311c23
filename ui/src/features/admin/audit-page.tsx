import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Chip } from '@/shared/kit/chip';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { VirtualList } from '@/shared/kit/virtual-list';
import './admin.css';

// AuditPage is what people did to the installation itself, newest first.
export function AuditPage(): ReactNode {
  const { t } = useTranslation();
  const audit = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => body(api.GET('/audit', { params: { query: { limit: 100, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
  });
  const items = useMemo(() => audit.data?.pages.flatMap((page) => page.items) ?? [], [audit.data]);
  const { hasNextPage, isFetching, fetchNextPage } = audit;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return (
    <div className="sw-admin">
      <PageTitle title={t('nav.audit')} />
      <header className="sw-page-head">
        <h1>{t('nav.audit')}</h1>
      </header>
      <div className="sw-panel sw-admin-list">
        {audit.isError && !audit.data ? (
          <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
        ) : !audit.data ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          <EmptyState icon="history" title={t('admin.auditNone')} />
        ) : (
          <VirtualList items={items} keyOf={(entry) => entry.id} label={t('nav.audit')} rowHeight={56} onNearEnd={more}>
            {(entry) => <Entry entry={entry} />}
          </VirtualList>
        )}
      </div>
    </div>
  );
}

function Entry({ entry }: { entry: Schemas['AuditEntry'] }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const went = entry.outcome === 'ok';
  return (
    <div className="sw-admin-row">
      <span className="sw-admin-what">
        <code>{entry.event}</code>
        <span className="sw-admin-note sw-ellipsis">{[entry.byName ?? entry.by ?? t('admin.system'), entry.target, entry.ip].filter(Boolean).join(' · ')}</span>
        {entry.detail !== undefined && Object.keys(entry.detail).length > 0 && <span className="sw-admin-note sw-ellipsis">{JSON.stringify(entry.detail)}</span>}
      </span>
      <Chip tone={went ? 'good' : 'bad'}>{went ? t('admin.wentWell') : entry.outcome}</Chip>
      <time dateTime={entry.at} title={words.dateTime(entry.at)} className="sw-admin-time">
        {words.moment(entry.at)}
      </time>
    </div>
  );
}
