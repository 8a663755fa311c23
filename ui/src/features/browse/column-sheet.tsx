import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import type { Column } from './columns';
import { useColumnTitle } from './record-table';

export interface ColumnSheetProps {
  all: readonly Column[];
  shown: readonly Column[];
  // onApply gets the keys to show; none means the form's own choice.
  onApply: (keys: string[]) => void;
  onClose: () => void;
}

// ColumnSheet chooses which columns a list has, and in which order.
export function ColumnSheet({ all, shown, onApply, onClose }: ColumnSheetProps): ReactNode {
  const { t } = useTranslation();
  const title = useColumnTitle();
  const [keys, setKeys] = useState(() => shown.map((column) => column.key));
  const chosen = keys.map((key) => all.find((column) => column.key === key)).filter((column) => column !== undefined);
  const others = all.filter((column) => !keys.includes(column.key));
  const apply = (next: string[]) => {
    onApply(next);
    onClose();
  };
  return (
    <Sheet
      title={t('browse.columns')}
      onClose={onClose}
      width={380}
      footer={
        <>
          <Button onClick={() => apply([])}>{t('browse.usualColumns')}</Button>
          <Button kind="primary" disabled={keys.length === 0} onClick={() => apply(keys)}>
            {t('browse.apply')}
          </Button>
        </>
      }
    >
      <ul className="sw-columns">
        {chosen.map((column, at) => (
          <li key={column.key} className="sw-column-row">
            <label className="sw-filter-check">
              <input type="checkbox" checked onChange={() => setKeys(keys.filter((key) => key !== column.key))} />
              <span className="sw-ellipsis">{title(column)}</span>
            </label>
            <IconButton icon="chevronLeft" size="small" label={t('browse.earlier', { column: title(column) })} disabled={at === 0} onClick={() => setKeys(swapped(keys, at, at - 1))} />
            <IconButton icon="chevronRight" size="small" label={t('browse.later', { column: title(column) })} disabled={at === keys.length - 1} onClick={() => setKeys(swapped(keys, at, at + 1))} />
          </li>
        ))}
        {others.map((column) => (
          <li key={column.key} className="sw-column-row">
            <label className="sw-filter-check">
              <input type="checkbox" checked={false} onChange={() => setKeys([...keys, column.key])} />
              <span className="sw-ellipsis">{title(column)}</span>
            </label>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

function swapped(keys: readonly string[], from: number, to: number): string[] {
  const next = [...keys];
  const moved = next[from];
  const other = next[to];
  if (moved === undefined || other === undefined) return next;
  next[from] = other;
  next[to] = moved;
  return next;
}
