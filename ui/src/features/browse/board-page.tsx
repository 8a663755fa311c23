import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { FieldHostContext } from '@/fields/host';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { LinkButton } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { SearchBox } from '@/shared/kit/search-box';
import { EmptyState, ErrorState, SkeletonPage } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import { BoardColumns } from './board-columns';
import './board.css';
import './browse.css';
import { filterOf, readState, writeState, type ListState } from './list-state';
import { QuickFilter } from './quick-filter';
import { useBoard } from './use-board';
import { useFormView, type FormView } from './use-form-view';
import { ViewSwitch } from './view-switch';

// BoardPage is the running records of a form by stage.
export function BoardPage(): ReactNode {
  const { t } = useTranslation();
  const { app = '', form = '' } = useParams();
  const { query, view, fields } = useFormView(app, form);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!view) return <SkeletonPage />;
  if (view.stages.length === 0) {
    return (
      <EmptyState icon="board" title={t('board.noStages')} text={t('board.noStagesMend')}>
        <LinkButton to={routes.list(app, form)}>{t('browse.list')}</LinkButton>
      </EmptyState>
    );
  }
  return <BoardOf key={`${app}/${form}`} app={app} form={form} view={view} fields={fields} />;
}

interface BoardOfProps {
  app: string;
  form: string;
  view: FormView;
  fields: readonly Field[];
}

function BoardOf({ app, form, view, fields }: BoardOfProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const me = useMe();
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readState(params), [params]);
  const change = (part: Partial<ListState>) => setParams((before) => writeState({ ...readState(before), ...part }), { replace: true });
  const document = filterOf({ ...state, stages: [], statuses: [] }, fields, me.id);
  const hold = useBoard(app, form, document && JSON.stringify(document), state.q, view.form.list?.amount);
  const { query } = hold;
  const board = query.data;
  const host = useApiFieldHost({ app, form, names: board?.names });
  const title = text(view.form.plural ?? view.form.title);
  return (
    <FieldHostContext value={host}>
      <div className="sw-board-page">
        <PageTitle title={title} />
        <header className="sw-page-head">
          <h1>{title}</h1>
          <ViewSwitch app={app} form={form} />
          {view.permissions.includes('create') && (
            <LinkButton to={routes.newRecord(app, form)} kind="primary" icon="plus">
              {t('browse.new')}
            </LinkButton>
          )}
        </header>
        <div className="sw-browse-bar">
          <SearchBox value={state.q} onSearch={(q) => change({ q })} label={t('browse.search')} />
          <div className="sw-browse-tools">
            <QuickFilter label={t('browse.mine')} on={state.mine} onChange={(mine) => change({ mine })} />
            <QuickFilter label={t('browse.overdue')} on={state.overdue} onChange={(overdue) => change({ overdue })} />
          </div>
        </div>
        {query.isError && !board ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : !board ? (
          <SkeletonPage />
        ) : (
          <BoardColumns app={app} form={form} board={board} hold={hold} view={view} fields={fields} listHref={(stage) => `${routes.list(app, form)}?${writeState({ ...state, stages: [stage] }).toString()}`} />
        )}
      </div>
    </FieldHostContext>
  );
}
