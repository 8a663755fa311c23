import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';

export interface VirtualListProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  children: (item: T, index: number) => ReactNode;
  label: string;
  rowHeight: number; // pixels, an estimate: rows are measured as they show
  // onNearEnd is called when the last rows come into view: the time to load the next page.
  onNearEnd?: () => void;
  height?: number | string;
}

// VirtualList keeps only the rows in view in the page, so that tens of thousands scroll like ten.
export function VirtualList<T>({ items, keyOf, children, label, rowHeight, onNearEnd, height = '100%' }: VirtualListProps<T>): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 10) onNearEnd?.();
  }, [last, items.length, onNearEnd]);
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={box} className="sw-virtual" style={{ height }} role="list" aria-label={label} tabIndex={0}>
      <div className="sw-virtual-space" style={{ height: virtual.getTotalSize() }} role="presentation">
        {rows.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <div
              key={row.key}
              ref={virtual.measureElement}
              data-index={row.index}
              className="sw-virtual-item"
              style={{ transform: `translateY(${String(row.start)}px)` }}
              role="listitem"
              aria-setsize={items.length}
              aria-posinset={row.index + 1}
            >
              {children(item, row.index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
