import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useParams, useSearchParams } from 'react-router';
import { FieldHostContext } from '@/fields/host';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useText } from '@/shared/i18n/use-text';
import { formatNumber } from '@/shared/i18n/numbers';
import { Button, LinkButton } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { SearchBox } from '@/shared/kit/search-box';
import { EmptyState, ErrorState, SkeletonPage, SkeletonRows } from '@/shared/kit/states';
import { usePhone } from '@/shared/kit/use-phone';
import { VirtualList } from '@/shared/kit/virtual-list';
import { usePrefs } from '@/shared/prefs';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import './browse.css';
import { ColumnSheet } from './column-sheet';
import { columnsOf, shownColumns } from './columns';
import { FilterSheet } from './filter-sheet';
import { countFilters, filterOf, readState, withoutFilters, writeState, type ListState } from './list-state';
import { QuickFilter } from './quick-filter';
import { ReassignSheet } from './reassign-sheet';
import { RecordCard } from './record-card';
import { RecordTable } from './record-table';
import { useFormView, type FormView } from './use-form-view';
import { useRecords } from './use-records';
import { ViewSwitch } from './view-switch';

const countStops = 100_000;
const mostChosen = 500;

// ListPage is all records of a form that a person may see.
export function ListPage(): ReactNode {
  const { app = '', form = '' } = useParams();
  const { query, view } = useFormView(app, form);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!view) return <SkeletonPage />;
  return <RecordList key={`${app}/${form}`} app={app} form={form} view={view} />;
}

function RecordList({ app, form, view }: { app: string; form: string; view: FormView }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const language = usePrefs((prefs) => prefs.language);
  const phone = usePhone();
  const me = useMe();
  const { fields } = useFormView(app, form);
  const { pathname, search } = useLocation();
  const [params, setParams] = useSearchParams();
  const [open, setOpen] = useState<'filter' | 'columns' | 'reassign'>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(); // undefined: rows are not being chosen

  const state = useMemo(() => readState(params), [params]);
  const change = useCallback((part: Partial<ListState>) => setParams((before) => writeState({ ...readState(before), ...part }), { replace: true }), [setParams]);
  const filter = useMemo(() => {
    const document = filterOf(state, fields, me.id);
    return document && JSON.stringify(document);
  }, [state, fields, me.id]);
  const sort = state.sort || view.form.list?.sort || '-updatedAt';
  const records = useRecords({ app, form, filter, q: state.q, sort });
  const host = useApiFieldHost({ app, form, names: records.names });
  const all = useMemo(() => columnsOf(fields, view.stages.length > 0, view.titleHides === true), [fields, view.stages.length, view.titleHides]);
  const columns = useMemo(() => shownColumns(all, state.columns, view.form), [all, state.columns, view.form]);

  const title = text(view.form.plural ?? view.form.title);
  const filters = countFilters(state);
  const narrowed = filters > 0 || state.q !== '';
  const mayCreate = view.permissions.includes('create');
  const { total } = records;
  const counted = total === undefined ? '' : t('browse.count', { count: total, shown: formatNumber(total, language) + (total >= countStops ? '+' : '') });
  const add = mayCreate && (
    <LinkButton to={routes.newRecord(app, form)} kind="primary" icon="plus">
      {t('browse.new')}
    </LinkButton>
  );
  const clear = narrowed && (
    <Button kind="quiet" icon="close" onClick={() => setParams(writeState(withoutFilters(state)), { replace: true })}>
      {t('browse.clear')}
    </Button>
  );
  const place = pathname + search;
  const toggle = useCallback((id: string) => setChosen((before = new Set()) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]))), []);
  const choice = useMemo(() => chosen && { chosen, onToggle: toggle }, [chosen, toggle]);
  const mayReassign = view.permissions.includes('assign') && view.form.owner !== undefined;

  return (
    <FieldHostContext value={host}>
      <div className="sw-browse">
        <PageTitle title={title} />
        <header className="sw-page-head">
          <h1>{title}</h1>
          {view.stages.length > 0 && <ViewSwitch app={app} form={form} />}
          {add}
        </header>
        <div className="sw-browse-bar">
          <SearchBox value={state.q} onSearch={(q) => change({ q })} label={t('browse.search')} />
          <div className="sw-browse-tools">
            <QuickFilter label={t('browse.mine')} on={state.mine} onChange={(mine) => change({ mine })} />
            {view.stages.length > 0 && <QuickFilter label={t('browse.overdue')} on={state.overdue} onChange={(overdue) => change({ overdue })} />}
            <Button icon="filter" data-count={filters > 0 ? filters : undefined} aria-haspopup="dialog" onClick={() => setOpen('filter')}>
              {filters > 0 ? t('browse.filterCount', { count: filters }) : t('browse.filter')}
            </Button>
            {!phone && (
              <Button icon="settings" aria-haspopup="dialog" onClick={() => setOpen('columns')}>
                {t('browse.columns')}
              </Button>
            )}
            {mayReassign && !chosen && (
              <Button icon="people" onClick={() => setChosen(new Set())}>
                {t('reassign.start')}
              </Button>
            )}
            {!phone && clear}
          </div>
          <p className="sw-browse-count" role="status">
            {counted}
          </p>
          {phone && clear}
        </div>
        {chosen && (
          <div className="sw-browse-news" role="status">
            {t('reassign.chosen', { count: chosen.size })}
            <Button size="small" onClick={() => setChosen(new Set(records.items?.slice(0, mostChosen).map(({ id }) => id)))}>
              {t('reassign.all')}
            </Button>
            <Button size="small" kind="primary" disabled={chosen.size === 0} onClick={() => setOpen('reassign')}>
              {t('reassign.open')}
            </Button>
            <Button size="small" kind="quiet" onClick={() => setChosen(undefined)}>
              {t('action.cancel')}
            </Button>
          </div>
        )}
        {records.outdated && (
          <p className="sw-browse-news" role="status">
            {t('browse.changed')}
            <Button kind="link" onClick={records.reload}>
              {t('browse.reload')}
            </Button>
          </p>
        )}
        <div className="sw-panel sw-browse-records">
          {records.error !== undefined ? (
            <ErrorState error={records.error} onRetry={records.reload} />
          ) : !records.items ? (
            <SkeletonRows rows={10} />
          ) : records.items.length === 0 ? (
            narrowed ? (
              <EmptyState icon="search" title={t('browse.noMatch')} text={t('browse.noMatchMend')}>
                <Button onClick={() => setParams(writeState(withoutFilters(state)), { replace: true })}>{t('browse.clear')}</Button>
              </EmptyState>
            ) : (
              <EmptyState title={t('browse.none', { form: title })} {...(mayCreate && { text: t('browse.noneMend') })}>
                {add}
              </EmptyState>
            )
          ) : phone ? (
            <VirtualList items={records.items} keyOf={(record) => record.id} label={title} rowHeight={104} onNearEnd={records.more}>
              {(record) => <RecordCard record={record} columns={columns} view={view} choice={choice} />}
            </VirtualList>
          ) : (
            <RecordTable
              key={place}
              records={records.items}
              columns={columns}
              view={view}
              sort={sort}
              onSort={(next) => change({ sort: next })}
              onNearEnd={records.more}
              loading={records.loading}
              total={total}
              place={place}
              label={title}
              choice={choice}
            />
          )}
        </div>
        {records.stopped && (
          <p className="sw-browse-news" role="alert">
            {t('browse.stopped')}
            <Button kind="link" onClick={records.more}>
              {t('action.retry')}
            </Button>
          </p>
        )}
        {open === 'reassign' && chosen && (
          <ReassignSheet
            app={app}
            form={form}
            view={view}
            ids={[...chosen]}
            onClose={() => setOpen(undefined)}
            onDone={() => {
              setOpen(undefined);
              setChosen(undefined);
            }}
          />
        )}
        {open === 'filter' && <FilterSheet state={state} view={view} fields={fields} onApply={change} onClose={() => setOpen(undefined)} />}
        {open === 'columns' && <ColumnSheet all={all} shown={columns} onApply={(keys) => change({ columns: keys })} onClose={() => setOpen(undefined)} />}
      </div>
    </FieldHostContext>
  );
}
