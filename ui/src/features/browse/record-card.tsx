import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { isEmpty } from '@/fields/kind';
import { TrafficLight } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';
import type { Column } from './columns';
import { useColumnTitle, type Choice } from './record-table';
import { DueOf, RecordValue, StageOf } from './record-value';
import type { FormView } from './use-form-view';
import type { RecordSummary } from './use-records';

const shown = 3;

// RecordCard is a record in the phone's list: its title, where it stands, and what matters most.
export function RecordCard({ record, columns, view, choice }: { record: RecordSummary; columns: readonly Column[]; view: FormView; choice?: Choice | undefined }): ReactNode {
  const { t } = useTranslation();
  const title = useColumnTitle();
  const facts = columns.filter(({ field }) => field && !isEmpty(record.data[field.key]) && !record.title.includes(String(record.data[field.key]))).slice(0, shown);
  const card = (
    <Link to={routes.record(record.app, record.form, record.id)} className="sw-list-card" data-overdue={record.overdue ? '' : undefined}>
      <span className="sw-list-card-title">{record.title}</span>
      <span className="sw-list-card-line">
        {record.status !== 'active' && <StageOf record={record} view={view} />}
        {record.overdue ? <TrafficLight light="red" word={t('browse.overdue')} /> : record.dueAt !== undefined && <DueOf record={record} />}
      </span>
      {facts.length > 0 && (
        <span className="sw-list-facts">
          {facts.map((column) => (
            <span key={column.key} className="sw-list-fact">
              <span className="sw-list-fact-name">{title(column)}</span> <RecordValue record={record} column={column} view={view} />
            </span>
          ))}
        </span>
      )}
    </Link>
  );
  if (!choice) return card;
  return (
    <div className="sw-list-chosen">
      <input type="checkbox" className="sw-list-choose" checked={choice.chosen.has(record.id)} aria-label={t('reassign.choose', { title: record.title })} onChange={() => choice.onToggle(record.id)} />
      {card}
    </div>
  );
}
