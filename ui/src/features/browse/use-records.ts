import { keepPreviousData, skipToken, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { api, body, type Schemas } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';

export type RecordSummary = Schemas['RecordSummary'];

const pageSize = 100;
// A longer list is not loaded again under the reader's eyes when something changes: they are told instead.
const freshPages = 3;

interface Wanted {
  app: string;
  form: string;
  filter: string | undefined; // JSON
  q: string;
  sort: string;
}

export interface Records {
  items: RecordSummary[] | undefined; // undefined: not loaded yet
  names: Record<string, Text>;
  total: number | undefined; // counting stops at 100 000
  error: unknown;
  loading: boolean;
  stopped: boolean; // the next page could not be loaded
  outdated: boolean; // something changed since a long list was loaded
  more: () => void;
  reload: () => void;
}

// useRecords reads a list page by page. Live changes are seen by counting, which is one small answer however far
// somebody has scrolled; only a short list is then loaded again by itself.
export function useRecords({ app, form, filter, q, sort }: Wanted): Records {
  const query = { ...(filter !== undefined && { filter }), ...(q && { q }) };
  const path = { app, form };
  const queries = useQueryClient();
  const listKey = ['list', app, form, filter, q, sort];
  const order = sort || undefined;
  const list = useInfiniteQuery({
    queryKey: listKey,
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/apps/{app}/forms/{form}/records', {
          params: { path, query: { ...query, limit: pageSize, ...(order && { sort: order }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
    // When the pages are old is found by counting.
    staleTime: Infinity,
  });
  const count = useQuery({
    queryKey: ['records', app, form, 'count', filter, q],
    queryFn: ({ signal }) => body(api.GET('/apps/{app}/forms/{form}/records', { params: { path, query: { ...query, limit: 1, sort: '-updatedAt', count: true } }, signal })),
    placeholderData: keepPreviousData,
  });

  const { hasNextPage, isFetching, isPlaceholderData, fetchNextPage, refetch } = list;
  const pages = list.data?.pages;
  const long = (pages?.length ?? 0) > freshPages;
  const mark = count.isPlaceholderData ? undefined : count.data && markOf(count.data);
  const seenKey = useMemo(() => ['list-seen', app, form, filter, q, sort], [app, form, filter, q, sort]);
  const seen = useQuery<string>({ queryKey: seenKey, queryFn: skipToken }).data;
  const changed = seen !== undefined && mark !== undefined && seen !== mark;
  const first = seen === undefined && mark !== undefined && pages !== undefined && !isPlaceholderData;
  useEffect(() => {
    if (isFetching || !(first || (changed && !long))) return;
    queries.setQueryData(seenKey, mark);
    if (changed) void refetch();
  }, [first, changed, long, mark, isFetching, queries, seenKey, refetch]);

  const items = useMemo(() => unique(pages?.flatMap((page) => page.items) ?? []), [pages]);
  const names = useMemo(() => Object.assign({}, ...(pages?.map((page) => page.names ?? {}) ?? [])) as Record<string, Text>, [pages]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const reload = () => {
    queries.setQueryData(seenKey, mark);
    void queries.resetQueries({ queryKey: listKey, exact: true });
  };
  return {
    items: pages ? items : undefined,
    names,
    total: count.data?.total,
    error: list.isError && !pages ? list.error : undefined,
    stopped: list.isFetchNextPageError,
    loading: isFetching,
    outdated: changed && long,
    more,
    reload,
  };
}

// markOf changes when a record of the list is made, changed or deleted.
function markOf({ total = 0, items: [newest] }: Schemas['RecordPage']): string {
  return `${String(total)}/${newest?.id ?? ''}/${String(newest?.rev ?? 0)}`;
}

// A record that changed while pages were read may stand on two of them.
function unique(items: readonly RecordSummary[]): RecordSummary[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return byId.size === items.length ? [...items] : [...byId.values()];
}
