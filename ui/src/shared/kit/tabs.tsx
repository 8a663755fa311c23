import { useId, type KeyboardEvent, type ReactNode } from 'react';
import { Icon, type IconName } from './icon';

export interface Tab<K extends string> {
  key: K;
  title: string;
  count?: number;
}

export interface TabsProps<K extends string> {
  tabs: readonly Tab<K>[];
  selected: K;
  onSelect: (key: K) => void;
  label: string;
  children: ReactNode; // the panel of the selected tab
}

// Tabs: arrow keys, Home and End move between tabs, Tab goes on into the panel.
export function Tabs<K extends string>({ tabs, selected, onSelect, label, children }: TabsProps<K>): ReactNode {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex((tab) => tab.key === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    const next = tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onSelect(next.key);
    document.getElementById(id + next.key)?.focus();
  };
  return (
    <>
      <div className="sw-tabs" role="tablist" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.key}
            id={id + tab.key}
            type="button"
            role="tab"
            className="sw-tab"
            aria-selected={tab.key === selected}
            aria-controls={id + 'panel'}
            tabIndex={tab.key === selected ? 0 : -1}
            onClick={() => onSelect(tab.key)}
          >
            {tab.title}
            {tab.count !== undefined && <span className="sw-tab-count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div id={id + 'panel'} role="tabpanel" aria-labelledby={id + selected}>
        {children}
      </div>
    </>
  );
}

export interface Segment<K extends string> {
  key: K;
  title: string;
  icon?: IconName;
}

export interface SegmentsProps<K extends string> {
  segments: readonly Segment<K>[];
  selected: K;
  onSelect: (key: K) => void;
  label: string;
}

// Segments choose one of a few at once: radio buttons in a row.
export function Segments<K extends string>({ segments, selected, onSelect, label }: SegmentsProps<K>): ReactNode {
  const name = useId();
  return (
    <div className="sw-segments" role="radiogroup" aria-label={label}>
      {segments.map((segment) => (
        <label key={segment.key} className="sw-segment">
          <input type="radio" name={name} checked={segment.key === selected} onChange={() => onSelect(segment.key)} />
          <span>
            {segment.icon && <Icon name={segment.icon} size={16} />}
            {segment.title}
          </span>
        </label>
      ))}
    </div>
  );
}
