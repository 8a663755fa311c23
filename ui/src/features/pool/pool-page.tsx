import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { FieldHostContext } from '@/fields/host';
import { isEmpty } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { api, body, type Schemas } from '@/shared/client/client';
import { fieldsOf } from '@/shared/definition/fields';
import type { Field, FormDefinition } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { SearchBox } from '@/shared/kit/search-box';
import { EmptyState, ErrorState, NoPermission, SkeletonRows } from '@/shared/kit/states';
import { Segments } from '@/shared/kit/tabs';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import './pool.css';

type Pool = Schemas['Pool'];
type Waiting = Schemas['RecordSummary'];

const pageSize = 50;
const shownFacts = 4;

// PoolPage is where people take records that have no owner yet.
export function PoolPage(): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [params, setParams] = useSearchParams();
  const pools = useQuery({ queryKey: ['pools'], queryFn: () => body(api.GET('/pools')) });
  if (pools.isError) return <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />;
  const all = pools.data?.items ?? [];
  if (pools.data && all.length === 0) return <NoPermission />;
  const keyOf = (pool: Pool) => `${pool.app}/${pool.form}`;
  const chosen = all.find((pool) => keyOf(pool) === params.get('form')) ?? all[0];
  return (
    <div className="sw-page">
      <PageTitle title={t('pool.title')} />
      <header className="sw-page-head">
        <h1>{t('pool.title')}</h1>
      </header>
      {all.length > 1 && chosen && (
        <Segments
          label={t('pool.title')}
          selected={keyOf(chosen)}
          onSelect={(form) => setParams({ form }, { replace: true })}
          segments={all.map((pool) => ({ key: keyOf(pool), title: text(pool.title) }))}
        />
      )}
      {chosen ? <Records key={keyOf(chosen)} app={chosen.app} form={chosen.form} /> : <SkeletonRows />}
    </div>
  );
}

function Records({ app, form }: { app: string; form: string }): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const path = { app, form };
  const list = useInfiniteQuery({
    // Among the keys that a changed record of the form makes old.
    queryKey: ['records', app, form, 'pool', search],
    queryFn: ({ pageParam }) => body(api.GET('/apps/{app}/forms/{form}/pool', { params: { path, query: { limit: pageSize, ...(search && { q: search }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.records.next,
    placeholderData: keepPreviousData,
  });
  const view = useQuery({ queryKey: ['forms', app, form], queryFn: () => body(api.GET('/apps/{app}/forms/{form}', { params: { path } })), staleTime: 5 * 60_000, retry: false });
  const definition = view.data?.form as FormDefinition | undefined;
  const fields = definition ? factsOf(definition) : [];
  const names = Object.assign({}, ...(list.data?.pages ?? []).map((page) => page.records.names ?? {})) as Record<string, Text>;
  const host = useApiFieldHost({ app, form, names });
  const first = list.data?.pages[0];
  const items = list.data?.pages.flatMap((page) => page.records.items) ?? [];
  return (
    <FieldHostContext value={host}>
      <div className="sw-pool-bar">
        <SearchBox value={search} onSearch={setSearch} label={t('pool.search')} />
        {first && <Standing pool={first.pool} />}
      </div>
      <div className="sw-panel">
        {list.isError ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : !first ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          <EmptyState icon={search ? 'search' : 'check'} title={search ? t('field.nothingFound') : t('pool.none')} {...(!search && { text: t('pool.noneText') })} />
        ) : (
          <ul className="sw-pool-rows">
            {items.map((record) => (
              <li key={record.id}>
                <Row record={record} fields={fields} pool={first.pool} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {list.hasNextPage && (
        <p>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('pool.more')}
          </Button>
        </p>
      )}
    </FieldHostContext>
  );
}

// factsOf are the fields that tell records apart: those of a board's card, else the list's columns.
function factsOf(form: FormDefinition): Field[] {
  const fields = fieldsOf(form.schema);
  const keys = form.list?.card ?? form.list?.columns ?? [];
  const chosen = keys.flatMap((key) => fields.find((field) => field.key === key) ?? []);
  return chosen.length > 0 ? chosen : fields;
}

// Standing says how much is there and how much one may still take.
function Standing({ pool: { waiting, claims, allowance } }: { pool: Pool }): ReactNode {
  const { t } = useTranslation();
  return (
    <p className="sw-pool-standing" role="status">
      <span>{t('pool.waiting', { count: waiting })}</span>
      {claims && allowance.maxOpen !== undefined && <span>{t('pool.open', { open: allowance.open, limit: allowance.maxOpen })}</span>}
      {claims && allowance.maxPerDay !== undefined && <span>{t('pool.today', { done: allowance.today, limit: allowance.maxPerDay })}</span>}
    </p>
  );
}

function Row({ record, fields, pool }: { record: Waiting; fields: readonly Field[]; pool: Pool }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { app, form, id } = record;
  const claim = useMutation({
    mutationFn: () => body(api.POST('/apps/{app}/forms/{form}/records/{id}/claim', { params: { path: { app, form, id } } })),
    onSuccess: () => {
      toast.good(t('pool.claimed', { title: record.title }));
      void navigate(routes.record(app, form, id));
    },
    onError: toast.problem,
    onSettled: () => Promise.all([['pools'], ['records', app, form]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const facts = fields.filter(({ key }) => !isEmpty(record.data[key]) && !record.title.includes(String(record.data[key]))).slice(0, shownFacts);
  return (
    <div className="sw-pool-row">
      <div className="sw-pool-what">
        <strong>{record.title}</strong>
        <span className="sw-pool-facts">
          {facts.map((field) => {
            const { Cell } = kindOf(field);
            return (
              <span key={field.key}>
                <span className="sw-faint">{text(field.title)}</span> <Cell field={field} value={record.data[field.key]} />
              </span>
            );
          })}
        </span>
      </div>
      <time dateTime={record.createdAt} title={words.dateTime(record.createdAt)} className="sw-pool-since">
        {words.ago(record.createdAt)}
      </time>
      {pool.claims && (
        <Button kind="primary" busy={claim.isPending} disabled={!pool.allowance.may} title={pool.allowance.may ? undefined : t('pool.limit')} onClick={() => claim.mutate()}>
          {t('pool.claim')}
        </Button>
      )}
    </div>
  );
}
