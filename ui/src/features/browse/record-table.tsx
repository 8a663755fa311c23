import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { TrafficLight } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';
import { toggleSort, type Column } from './columns';
import { RecordValue } from './record-value';
import { scrollMemory } from './scroll-memory';
import type { FormView } from './use-form-view';
import type { RecordSummary } from './use-records';

export interface RecordTableProps {
  records: readonly RecordSummary[];
  columns: readonly Column[];
  view: FormView;
  sort: string;
  onSort: (sort: string) => void;
  onNearEnd: () => void;
  loading: boolean;
  total: number | undefined;
  place: string; // what the scrolled place is remembered by
  label: string;
  choice?: Choice | undefined; // rows are being chosen
}

export interface Choice {
  chosen: ReadonlySet<string>;
  onToggle: (id: string) => void;
}

const rowHeight = 44;
const lightWidth = 28;

// RecordTable is the desk's list. Only the rows in view are in the page; arrow keys walk over all of them.
export function RecordTable({ records, columns, view, sort, onSort, onNearEnd, loading, total, place, label, choice }: RecordTableProps): ReactNode {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<number>(undefined);
  const virtual = useVirtualizer({
    count: records.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialOffset: () => scrollMemory.at(place),
    getItemKey: (index) => records[index]?.id ?? index,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= records.length - 25) onNearEnd();
  }, [last, records.length, onNearEnd]);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const link = box.current?.querySelector<HTMLElement>(`[data-row="${String(wanted.current)}"] .sw-list-open`);
    if (!link) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  });

  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
    if (step === undefined || !row) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(records.length - 1, Number(row.dataset.row) + step));
    wanted.current = to;
    virtual.scrollToIndex(to);
    box.current?.querySelector<HTMLElement>(`[data-row="${String(to)}"] .sw-list-open`)?.focus({ preventScroll: true });
  };
  const template = `${String(lightWidth)}px ${columns.map(({ width }) => `minmax(${String(width)}px, ${String(width)}fr)`).join(' ')}`;
  const least = lightWidth + columns.reduce((sum, { width }) => sum + width, 0);
  return (
    // A scrolling region must be reachable by keyboard; the arrow keys it takes only walk from link to link.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={box}
      className="sw-list-scroll"
      role="table"
      aria-label={label}
      aria-rowcount={(total ?? records.length) + 1}
      aria-colcount={columns.length + 1}
      aria-busy={loading}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      style={{ '--columns': template, '--least': `${String(least)}px` } as React.CSSProperties}
      onKeyDown={walk}
      onScroll={(event) => scrollMemory.keep(place, event.currentTarget.scrollTop)}
    >
      <div role="rowgroup" className="sw-list-head">
        <div role="row" className="sw-list-row" aria-rowindex={1}>
          <div role="columnheader" className="sw-list-cell">
            <span className="sw-visually-hidden">{t('browse.light')}</span>
          </div>
          {columns.map((column) => (
            <Head key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="sw-list-rows" style={{ height: virtual.getTotalSize() }}>
        {rows.map((row) => {
          const record = records[row.index];
          return record && <Row key={row.key} record={record} index={row.index} start={row.start} columns={columns} view={view} choice={choice} />;
        })}
      </div>
    </div>
  );
}

function Head({ column, sort, onSort }: { column: Column; sort: string; onSort: (sort: string) => void }): ReactNode {
  const title = useColumnTitle();
  const { sort: path, numeric } = column;
  const direction = path !== undefined && sort === path ? 'ascending' : path !== undefined && sort === `-${path}` ? 'descending' : undefined;
  return (
    <div role="columnheader" className="sw-list-cell" data-numeric={numeric ? '' : undefined} aria-sort={direction ?? (path === undefined ? undefined : 'none')}>
      {path === undefined ? (
        <span className="sw-ellipsis">{title(column)}</span>
      ) : (
        <button type="button" className="sw-list-sort" data-direction={direction} onClick={() => onSort(toggleSort(sort, path))}>
          <span className="sw-ellipsis">{title(column)}</span>
          <Icon name="chevronDown" size={14} />
        </button>
      )}
    </div>
  );
}

interface RowProps {
  record: RecordSummary;
  index: number;
  start: number;
  columns: readonly Column[];
  view: FormView;
  choice: Choice | undefined;
}

function Row({ record, index, start, columns, view, choice }: RowProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div
      role="row"
      className="sw-list-row"
      aria-rowindex={index + 2}
      data-row={index}
      data-overdue={record.overdue ? '' : undefined}
      style={{ transform: `translateY(${String(start)}px)`, height: rowHeight }}
    >
      <div role="cell" className="sw-list-cell sw-list-light" title={record.overdue ? t('browse.overdue') : undefined}>
        {choice ? (
          <input type="checkbox" className="sw-list-choose" checked={choice.chosen.has(record.id)} aria-label={t('reassign.choose', { title: record.title })} onChange={() => choice.onToggle(record.id)} />
        ) : (
          record.overdue && <TrafficLight light="red" word={t('browse.overdue')} />
        )}
      </div>
      {columns.map((column, at) => (
        <div key={column.key} role="cell" className="sw-list-cell" data-numeric={column.numeric ? '' : undefined}>
          {at === 0 && <Link className="sw-list-open" to={routes.record(record.app, record.form, record.id)} aria-label={record.title} />}
          <RecordValue record={record} column={column} view={view} />
        </div>
      ))}
    </div>
  );
}

// useColumnTitle names columns.
export function useColumnTitle(): (column: Pick<Column, 'field' | 'builtIn' | 'key'>) => string {
  const { t } = useTranslation();
  const text = useText();
  return ({ field, builtIn, key }) => (builtIn ? t(`browse.column.${builtIn}`) : field ? text(field.title) : key);
}
