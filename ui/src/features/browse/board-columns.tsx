import { DndContext, DragOverlay, KeyboardSensor, MouseSensor, TouchSensor, useSensor, useSensors, type Announcements, type DragEndEvent, type DragMoveEvent } from '@dnd-kit/core';
import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { SkeletonRows } from '@/shared/kit/states';
import { usePhone } from '@/shared/kit/use-phone';
import { useMe } from '@/shared/session';
import { CardFace } from './board-card';
import { BoardColumnView, StageTabs } from './board-column';
import { byColumn, stageOf, underPointer, usePageTurn } from './board-drag';
import { findCard, type Board } from './board-move';
import { CardRefusal } from './card-refusal';
import { RefusalSheet } from './refusal-sheet';
import { StageSheet } from './stage-sheet';
import { useStageStrip } from './stage-strip';
import type { BoardHold } from './use-board';
import type { FormView } from './use-form-view';

interface BoardColumnsProps {
  app: string;
  form: string;
  board: Board;
  hold: BoardHold;
  view: FormView;
  fields: readonly Field[];
  listHref: (stage: string) => string;
}

// BoardColumns are the stages side by side on the desk and one at a time on a phone, with cards that go from one to another.
export function BoardColumns({ app, form, board, hold, view, fields, listHref }: BoardColumnsProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const phone = usePhone();
  const me = useMe();
  const { strip, at, ready, show, onScroll } = useStageStrip({ app, form, board, me: me.id, phone });
  const [dragged, setDragged] = useState<string>();
  const [choosing, setChoosing] = useState<string>();
  const [detailed, setDetailed] = useState(false);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: byColumn }),
  );
  const pages = usePageTurn((step) => show(Math.max(0, Math.min(board.columns.length - 1, at + step))));
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
  const held = ({ activatorEvent, delta }: DragMoveEvent) => {
    const finger = 'touches' in activatorEvent ? (activatorEvent as TouchEvent).touches[0] : undefined;
    if (phone && finger) pages.at(finger.clientX + delta.x, window.innerWidth);
  };
  const letGo = () => {
    pages.stop();
    setDragged(undefined);
  };
  const drop = ({ active, over, activatorEvent }: DragEndEvent) => {
    letGo();
    if (!over) return;
    const id = String(active.id);
    const moved = hold.move(id, stageOf(over.id));
    if (activatorEvent instanceof KeyboardEvent) void moved.then(() => focusGrip(id));
  };
  const inHand = dragged === undefined ? undefined : findCard(board, dragged)?.record;
  const chosen = choosing === undefined ? undefined : findCard(board, choosing);
  const { refused } = hold;
  const atCard = refused && findCard(board, refused.record.id) ? refused.record.id : undefined;
  const forget = () => {
    setDetailed(false);
    hold.forget();
  };
  if (!ready) return <SkeletonRows />;
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={underPointer}
      autoScroll={!phone}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t('board.say.how') } }}
      onDragStart={({ active }) => setDragged(String(active.id))}
      onDragMove={held}
      onDragEnd={drop}
      onDragCancel={letGo}
    >
      {phone && <StageTabs columns={board.columns} at={at} onShow={show} />}
      <div ref={strip} className="sw-board" onScroll={onScroll}>
        {board.columns.map((column) => (
          <BoardColumnView
            key={column.block}
            column={column}
            cardFields={cardFields}
            amountField={amountField}
            mayMove={mayMove}
            href={listHref(column.block)}
            onChoose={setChoosing}
            noteOf={(id) => id === atCard && refused && <CardRefusal refused={refused} stage={titleOf(refused.to)} onMore={() => setDetailed(true)} onClose={forget} />}
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
      {refused && (detailed || atCard === undefined) && <RefusalSheet refused={refused} stage={titleOf(refused.to)} onClose={() => (atCard === undefined ? forget() : setDetailed(false))} />}
      {chosen && (
        <StageSheet
          title={t('board.moveTo', { record: chosen.record.title })}
          columns={board.columns}
          at={chosen.column.block}
          onClose={() => setChoosing(undefined)}
          onChoose={(block) => {
            setChoosing(undefined);
            void hold.move(chosen.record.id, block);
          }}
        />
      )}
    </DndContext>
  );
}

// focusGrip gives the keyboard its card back, which lies in another column now.
function focusGrip(id: string): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"] .sw-card-grip`)?.focus();
  });
}
