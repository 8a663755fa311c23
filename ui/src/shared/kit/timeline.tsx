import { Fragment, type ReactNode } from 'react';
import { useTimeWords } from '../i18n/time';
import { Icon, type IconName } from './icon';

export interface TimelineEntry {
  id: string;
  at: string; // UTC moment
  icon: IconName;
  tone?: 'plain' | 'good' | 'warn' | 'bad';
  title: ReactNode;
  body?: ReactNode;
}

// Timeline lists what happened, newest first, day by day.
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }): ReactNode {
  const words = useTimeWords();
  const days = byDay(entries);
  return (
    <div className="sw-timeline">
      {days.map(({ key, first, entries: ofDay }) => (
        <Fragment key={key}>
          <h3 className="sw-timeline-day">{words.day(first)}</h3>
          <ol>
            {ofDay.map((entry) => (
              <li key={entry.id} className="sw-timeline-entry" data-tone={entry.tone ?? 'plain'}>
                <span className="sw-timeline-sign">
                  <Icon name={entry.icon} size={14} />
                </span>
                <div>
                  <div className="sw-timeline-line">
                    {entry.title}
                    <time className="sw-timeline-time" dateTime={entry.at} title={words.dateTime(entry.at)}>
                      {words.time(entry.at)}
                    </time>
                  </div>
                  {entry.body !== undefined && <div className="sw-timeline-body">{entry.body}</div>}
                </div>
              </li>
            ))}
          </ol>
        </Fragment>
      ))}
    </div>
  );
}

interface Day {
  key: string;
  first: string;
  entries: TimelineEntry[];
}

function byDay(entries: readonly TimelineEntry[]): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const key = new Date(entry.at).toDateString();
    const last = days.at(-1);
    if (last?.key === key) last.entries.push(entry);
    else days.push({ key, first: entry.at, entries: [entry] });
  }
  return days;
}
