import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useText } from '@/shared/i18n/use-text';
import { Sheet } from '@/shared/kit/sheet';
import type { BoardColumn } from './board-move';

interface StageSheetProps {
  title: string;
  columns: readonly BoardColumn[];
  at: string; // the stage the card lies in
  onChoose: (block: string) => void;
  onClose: () => void;
}

// StageSheet moves a card without dragging it.
export function StageSheet({ title, columns, at, onChoose, onClose }: StageSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  return (
    <Sheet title={title} onClose={onClose} width={380}>
      <ul className="sw-board-stages">
        {columns.map((column) => (
          <li key={column.block}>
            <button type="button" disabled={column.block === at} aria-current={column.block === at ? 'step' : undefined} onClick={() => onChoose(column.block)}>
              {text(column.title)}
              {column.block === at && <span className="sw-board-here">{t('board.here')}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
