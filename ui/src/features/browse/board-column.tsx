import { useDroppable } from '@dnd-kit/core';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Field } from '@/shared/definition/form';
import { kindOf } from '@/fields/registry';
import { useText } from '@/shared/i18n/use-text';
import { TrafficLight } from '@/shared/kit/traffic-light';
import { BoardCard } from './board-card';
import { tabId } from './board-drag';
import type { BoardColumn } from './board-move';

export interface BoardColumnProps {
  column: BoardColumn;
  cardFields: readonly Field[];
  amountField: Field | undefined;
  mayMove: boolean;
  href: string; // the list of all records of the stage
  onChoose: (id: string) => void;
  noteOf: (id: string) => ReactNode; // what there is to say about a card
}

// BoardColumnView is one stage with its cards, the red ones first.
export function BoardColumnView({ column, cardFields, amountField, mayMove, href, onChoose, noteOf }: BoardColumnProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { setNodeRef, isOver } = useDroppable({ id: column.block });
  const title = text(column.title);
  const Amount = amountField && kindOf(amountField).Cell;
  return (
    <section ref={setNodeRef} className="sw-board-column" aria-label={title} data-over={isOver ? '' : undefined}>
      <header className="sw-board-head">
        <h2 className="sw-ellipsis">{title}</h2>
        <span className="sw-board-count" aria-label={t('browse.count', { count: column.count, shown: column.count })}>
          {column.count}
        </span>
        <div className="sw-board-sums">
          {column.amount !== undefined && Amount && <Amount field={amountField} value={column.amount} />}
          {column.overdue > 0 && <TrafficLight light="red" word={t('board.overdue', { count: column.overdue })} />}
        </div>
      </header>
      {column.items.length === 0 ? (
        <p className="sw-board-none">{t('board.none')}</p>
      ) : (
        // A scrolling region must be reachable by keyboard; its cards are.
        <ul className="sw-board-cards">
          {column.items.map((record) => (
            <BoardCard key={record.id} record={record} fields={cardFields} mayMove={mayMove} onMove={() => onChoose(record.id)} note={noteOf(record.id)} />
          ))}
          {column.count > column.items.length && (
            <li>
              <Link to={href} className="sw-board-all">
                {t('board.all', { count: column.count })}
              </Link>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

// StageTabs are the phone's way between the stages; a card in the hand can be dropped on them.
export function StageTabs({ columns, at, onShow }: { columns: readonly BoardColumn[]; at: number; onShow: (index: number) => void }): ReactNode {
  const { t } = useTranslation();
  const tabs = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const [bar, tab] = [tabs.current, tabs.current?.children[at]];
    if (bar && tab instanceof HTMLElement) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  }, [at]);
  return (
    <nav ref={tabs} className="sw-board-tabs" aria-label={t('browse.column.stage')}>
      {columns.map((column, index) => (
        <StageTab key={column.block} column={column} current={index === at} onShow={() => onShow(index)} />
      ))}
    </nav>
  );
}

function StageTab({ column, current, onShow }: { column: BoardColumn; current: boolean; onShow: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { setNodeRef, isOver } = useDroppable({ id: tabId(column.block) });
  return (
    <button ref={setNodeRef} type="button" className="sw-board-tab" aria-current={current ? 'true' : undefined} data-over={isOver ? '' : undefined} onClick={onShow}>
      {text(column.title)} <span className="sw-board-count">{column.count}</span>
      {column.overdue > 0 && (
        <>
          <span className="sw-board-red" aria-hidden="true" />
          <span className="sw-visually-hidden">{t('board.overdue', { count: column.overdue })}</span>
        </>
      )}
    </button>
  );
}
