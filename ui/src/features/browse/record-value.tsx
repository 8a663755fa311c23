import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFieldHost } from '@/fields/host';
import { isEmpty } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Chip, type Tone } from '@/shared/kit/chip';
import { DueBadge, TrafficLight } from '@/shared/kit/traffic-light';
import type { BuiltIn, Column } from './columns';
import type { FormView } from './use-form-view';
import type { RecordSummary } from './use-records';

export interface RecordValueProps {
  record: RecordSummary;
  column: Column;
  view: FormView;
}

// RecordValue is one cell: a field of the record or something every record has.
export function RecordValue({ record, column, view }: RecordValueProps): ReactNode {
  const { field, builtIn } = column;
  if (builtIn) return <BuiltInValue record={record} name={builtIn} view={view} />;
  if (!field) return null;
  const value = record.data[field.key];
  if (isEmpty(value)) return <span className="sw-list-nothing">—</span>;
  const { Cell } = kindOf(field);
  return <Cell field={field} value={value} />;
}

function BuiltInValue({ record, name, view }: { record: RecordSummary; name: BuiltIn; view: FormView }): ReactNode {
  const words = useTimeWords();
  switch (name) {
    case 'title':
      return <span className="sw-ellipsis">{record.title}</span>;
    case 'stage':
      return <StageOf record={record} view={view} />;
    case 'status':
      return <StatusChip record={record} view={view} />;
    case 'owner':
      return <Owner id={record.owner} />;
    case 'dueAt':
      return <DueOf record={record} />;
    case 'updatedAt':
      return <time dateTime={record.updatedAt}>{words.ago(record.updatedAt)}</time>;
    case 'createdAt':
      return <time dateTime={record.createdAt}>{words.moment(record.createdAt)}</time>;
  }
}

// StageOf is where a record stands; when its flow has ended, how.
export function StageOf({ record, view }: { record: RecordSummary; view: FormView }): ReactNode {
  const text = useText();
  if (record.status !== 'running') return <StatusChip record={record} view={view} />;
  const stage = view.stages.find((candidate) => candidate.block === record.stage);
  return <span className="sw-ellipsis">{stage ? text(stage.title) : (record.stage ?? '—')}</span>;
}

const tones: Record<'good' | 'bad' | 'neutral', Tone> = { good: 'good', bad: 'bad', neutral: 'plain' };

export function StatusChip({ record, view }: { record: RecordSummary; view: FormView }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const outcome = view.outcomes?.find((candidate) => candidate.key === record.outcome);
  if (record.status === 'ended' && outcome) return <Chip tone={tones[outcome.tone ?? 'neutral']}>{text(outcome.label) || t('browse.status.ended')}</Chip>;
  return <Chip tone={record.status === 'running' ? 'teal' : 'plain'}>{t(`browse.status.${record.status}`)}</Chip>;
}

export function Owner({ id }: { id: string }): ReactNode {
  const host = useFieldHost();
  const text = useText();
  const name = text(host.nameOf(id));
  return name ? <PersonName name={name} /> : <span className="sw-list-nothing">—</span>;
}

// DueOf is a record's deadline; red says so even where the moment is not known.
export function DueOf({ record }: { record: RecordSummary }): ReactNode {
  const { t } = useTranslation();
  if (record.dueAt !== undefined) return <DueBadge due={record.dueAt} overdue={record.overdue} />;
  return record.overdue ? <TrafficLight light="red" word={t('browse.overdue')} /> : <span className="sw-list-nothing">—</span>;
}
