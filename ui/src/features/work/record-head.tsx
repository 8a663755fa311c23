import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Chip } from '@/shared/kit/chip';
import { DueBadge } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';
import { definitionOf, standingOf, type FormView, type RecordView } from './record-view';

interface RecordHeadProps {
  record: RecordView;
  view: FormView;
  menu: ReactNode;
}

// RecordHead says what this is, whose it is and where it stands.
export function RecordHead({ record, view, menu }: RecordHeadProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const form = definitionOf(view);
  const { tone, label } = standingOf(record, view.outcomes);
  const stage = record.path?.find(({ block }) => block === record.stage);
  const owner = text(record.names?.[record.owner]) || record.owner;
  return (
    <header className="sw-record-head">
      <div className="sw-record-line">
        <Link to={routes.list(record.app, record.form)} className="sw-record-form">
          {text(form.plural ?? form.title)}
        </Link>
        {menu}
      </div>
      <h1>{record.title}</h1>
      <div className="sw-record-facts">
        <Chip tone={tone}>{text(label) || t(`record.status.${record.status}`)}</Chip>
        {stage && record.status === 'running' && <span>{text(stage.title)}</span>}
        <DueBadge due={record.dueAt} overdue={record.overdue} />
        <PersonName name={owner} size={20} />
      </div>
    </header>
  );
}
