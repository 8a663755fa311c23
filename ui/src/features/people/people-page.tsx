import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { Avatar } from '@/shared/kit/avatar';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { SearchBox } from '@/shared/kit/search-box';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { VirtualList } from '@/shared/kit/virtual-list';
import './people.css';

const UserSheet = lazy(async () => ({ default: (await import('./user-sheet')).UserSheet }));
const newcomer = 'new';

// PeoplePage is the directory as its keepers see it.
export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useState('');
  const users = useInfiniteQuery({
    queryKey: ['users', 'list', search],
    queryFn: ({ pageParam }) => body(api.GET('/users', { params: { query: { limit: 100, ...(search && { q: search }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const items = useMemo(() => users.data?.pages.flatMap((page) => page.items) ?? [], [users.data]);
  const { hasNextPage, isFetching, fetchNextPage } = users;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const open = params.get('person') ?? undefined;
  const show = (person: string | undefined) => setParams(person === undefined ? {} : { person });

  return (
    <div className="sw-people">
      <PageTitle title={t('nav.people')} />
      <header className="sw-page-head">
        <h1>{t('nav.people')}</h1>
        <Button kind="primary" icon="plus" onClick={() => show(newcomer)}>
          {t('people.add')}
        </Button>
      </header>
      <SearchBox value={search} onSearch={setSearch} label={t('people.search')} />
      <div className="sw-panel sw-people-list">
        {users.isError ? (
          <ErrorState error={users.error} onRetry={() => void users.refetch()} />
        ) : !users.data ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          <EmptyState icon="people" title={search ? t('field.nothingFound') : t('people.none')} />
        ) : (
          <VirtualList items={items} keyOf={(user) => user.id} label={t('nav.people')} rowHeight={56} onNearEnd={more}>
            {(user) => <PersonRow user={user} onOpen={() => show(user.id)} />}
          </VirtualList>
        )}
      </div>
      {open !== undefined && (
        <Suspense>
          <UserSheet id={open === newcomer ? undefined : open} onClose={() => show(undefined)} />
        </Suspense>
      )}
    </div>
  );
}

function PersonRow({ user, onOpen }: { user: Schemas['User']; onOpen: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const departments = useQuery({ queryKey: ['departments'], queryFn: () => body(api.GET('/departments')), staleTime: 60_000 });
  const department = text(departments.data?.items.find((one) => one.id === user.department)?.name);
  return (
    <button type="button" className="sw-people-row" onClick={onOpen} data-inactive={user.active ? undefined : ''}>
      <Avatar name={user.name} size={32} />
      <span className="sw-people-who">
        <span className="sw-ellipsis">{user.name}</span>
        <span className="sw-people-note sw-ellipsis">{[department, user.position].filter(Boolean).join(' · ') || user.username}</span>
      </span>
      <span className="sw-people-mail sw-ellipsis">{user.email}</span>
      <span className="sw-people-state">{!user.active && <Chip>{t('people.inactive')}</Chip>}</span>
      <Icon name="chevronRight" />
    </button>
  );
}
