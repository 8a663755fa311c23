import { DndContext, DragOverlay, KeyboardSensor, MouseSensor, TouchSensor, useSensor, useSensors, type Announcements, type DragEndEvent, type KeyboardCoordinateGetter } from '@dnd-kit/core';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { FieldHostContext } from '@/fields/host';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { LinkButton } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { SearchBox } from '@/shared/kit/search-box';
import { Sheet } from '@/shared/kit/sheet';
import { EmptyState, ErrorState, SkeletonPage } from '@/shared/kit/states';
import { usePhone } from '@/shared/kit/use-phone';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import { CardFace } from './board-card';
import { BoardColumnView, StageTabs } from './board-column';
import { findCard, type Board } from './board-move';
import './board.css';
import './browse.css';
import { filterOf, readState, writeState, type ListState } from './list-state';
import { QuickFilter } from './quick-filter';
import { RefusalSheet } from './refusal-sheet';
import { useBoard, type BoardHold } from './use-board';
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
  const { query, refused, forget } = hold;
  const board = query.data;
  const host = useApiFieldHost({ app, form, names: board?.names });
  const title = text(view.form.plural ?? view.form.title);
  const stageTitle = (block: string) => text(view.stages.find((stage) => stage.block === block)?.title);
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
          <Columns board={board} hold={hold} view={view} fields={fields} listHref={(stage) => `${routes.list(app, form)}?${writeState({ ...state, stages: [stage] }).toString()}`} />
        )}
        {refused && <RefusalSheet refused={refused} stage={stageTitle(refused.to)} onClose={forget} />}
      </div>
    </FieldHostContext>
  );
}

// A column is one step for the arrow keys, whatever its width.
const byColumn: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
  if (step === undefined) return undefined;
  event.preventDefault();
  const columns = [...context.droppableRects.entries()].filter(([id]) => !String(id).startsWith('tab:')).sort(([, a], [, b]) => a.left - b.left);
  const own = context.over?.id ?? context.active?.data.current?.column;
  const at = columns.findIndex(([id]) => id === own);
  const to = columns[Math.max(0, Math.min(columns.length - 1, at + step))]?.[1];
  return to ? { x: to.left + 12, y: Math.max(to.top + 12, Math.min(currentCoordinates.y, to.bottom - 80)) } : undefined;
};

// stageOf: on a phone the stages' tabs take cards as well as the columns do.
const stageOf = (id: unknown) => String(id).replace(/^tab:/, '');

interface ColumnsProps {
  board: Board;
  hold: BoardHold;
  view: FormView;
  fields: readonly Field[];
  listHref: (stage: string) => string;
}

function Columns({ board, hold, view, fields, listHref }: ColumnsProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const phone = usePhone();
  const strip = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<string>();
  const [choosing, setChoosing] = useState<string>();
  const [at, setAt] = useState(0);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: byColumn }),
  );
  const cardFields = useMemo(() => (view.form.list?.card ?? []).map((key) => fields.find((field) => field.key === key)).filter((field) => field !== undefined), [view, fields]);
  const amountField = fields.find((field) => field.key === view.form.list?.amount);
  const mayMove = view.permissions.includes('update');
  const titleOf = (block: unknown) => text(board.columns.find((column) => column.block === stageOf(block))?.title);
  const nameOf = (id: unknown) => findCard(board, String(id))?.record.title ?? '';
  const announcements: Announcements = {
    onDragStart: ({ active }) => t('board.say.picked', { record: nameOf(active.id) }),
    onDragOver: ({ active, over }) => (over ? t('board.say.over', { record: nameOf(active.id), stage: titleOf(over.id) }) : undefined),
    onDragEnd: ({ active, over }) => (over ? t('board.say.dropped', { record: nameOf(active.id), stage: titleOf(over.id) }) : t('board.say.cancelled')),
    onDragCancel: () => t('board.say.cancelled'),
  };
  const drop = ({ active, over }: DragEndEvent) => {
    setDragged(undefined);
    if (over) void hold.move(String(active.id), stageOf(over.id));
  };
  const show = (index: number) => strip.current?.children[index]?.scrollIntoView({ inline: 'start', block: 'nearest', behavior: 'smooth' });
  const inHand = dragged === undefined ? undefined : findCard(board, dragged)?.record;
  const chosen = choosing === undefined ? undefined : findCard(board, choosing);
  return (
    <DndContext
      sensors={sensors}
      autoScroll={!phone}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t('board.say.how') } }}
      onDragStart={({ active }) => setDragged(String(active.id))}
      onDragEnd={drop}
      onDragCancel={() => setDragged(undefined)}
    >
      {phone && <StageTabs columns={board.columns} at={at} onShow={show} />}
      <div
        ref={strip}
        className="sw-board"
        onScroll={(event) => {
          const { scrollLeft, clientWidth } = event.currentTarget;
          if (phone && clientWidth > 0) setAt(Math.round(scrollLeft / clientWidth));
        }}
      >
        {board.columns.map((column) => (
          <BoardColumnView
            key={column.block}
            column={column}
            cardFields={cardFields}
            amountField={amountField}
            mayMove={mayMove}
            href={listHref(column.block)}
            onChoose={setChoosing}
          />
        ))}
      </div>
      <DragOverlay>
        {inHand && (
          <div className="sw-card" data-in-hand="">
            <CardFace record={inHand} fields={cardFields} />
          </div>
        )}
      </DragOverlay>
      {chosen && (
        <Sheet title={t('board.moveTo', { record: chosen.record.title })} onClose={() => setChoosing(undefined)} width={380}>
          <ul className="sw-board-stages">
            {board.columns.map(({ block, title }) => (
              <li key={block}>
                <button
                  type="button"
                  disabled={block === chosen.column.block}
                  aria-current={block === chosen.column.block ? 'step' : undefined}
                  onClick={() => {
                    setChoosing(undefined);
                    void hold.move(chosen.record.id, block);
                  }}
                >
                  {text(title)}
                  {block === chosen.column.block && <span className="sw-board-here">{t('board.here')}</span>}
                </button>
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </DndContext>
  );
}
