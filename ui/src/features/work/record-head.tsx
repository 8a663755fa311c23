import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
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

interface LateBannerProps {
  record: RecordView;
  missing: readonly Field[];
  // acts: the step waits for the reader.
  acts: boolean;
  onField: (key: string) => void;
}

// LateBanner says in red what is late and what keeps it.
export function LateBanner({ record, missing, acts, onField }: LateBannerProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const late = record.tasks?.find((task) => task.overdue) ?? record.tasks?.[0];
  const step = text(late?.title) || text(record.path?.find(({ block }) => block === record.stage)?.title);
  const people = (late?.assignees ?? []).map((id) => text(record.names?.[id]) || id).join(t('log.and'));
  return (
    <div className="sw-late" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{step ? t('record.lateAt', { step }) : t('record.late')}</strong> <DueBadge due={late?.dueAt ?? record.dueAt} overdue />
        {!acts && people !== '' && <p>{t('record.waitingFor', { people })}</p>}
        {acts && missing.length === 0 && <p>{t('record.nothingMissing')}</p>}
        {acts && missing.length > 0 && (
          <p>
            {t('record.missing')}
            {missing.map((field, index) => (
              <span key={field.key}>
                {index > 0 && t('log.and')}
                <button type="button" onClick={() => onField(field.key)}>
                  {text(field.title)}
                </button>
              </span>
            ))}
          </p>
        )}
      </div>
    </div>
  );
}
