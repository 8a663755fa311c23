import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Field } from '@/shared/definition/form';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { IconButton } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { PathBar } from '@/shared/kit/path-bar';
import { DueBadge } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';
import { definitionOf, standingOf, stepState, type FormView, type PathStage, type RecordView } from './record-view';

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

// RecordPath is the path bar; a step that is tapped tells when it was entered, left and due.
export function RecordPath({ path }: { path: readonly PathStage[] }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const [open, setOpen] = useState<string>();
  const shown = path.find(({ block }) => block === open);
  const steps = path.map((stage) => {
    const note = noteOf(stage, words, t);
    return { key: stage.block, title: text(stage.title), state: stepState(stage), ...(note && { note }) };
  });
  return (
    <section className="sw-panel sw-record-path" aria-label={t('kit.path')}>
      <PathBar steps={steps} onSelect={(key) => setOpen(key === open ? undefined : key)} />
      {shown && (
        <div className="sw-record-step" role="status">
          <strong>{text(shown.title)}</strong>
          <dl>
            {shown.enteredAt ? (
              <>
                <Fact title={t('record.step.entered')} value={words.dateTime(shown.enteredAt)} />
                {shown.leftAt && <Fact title={t('record.step.left')} value={words.dateTime(shown.leftAt)} />}
                {shown.dueAt && <Fact title={t('record.step.due')} value={words.dateTime(shown.dueAt)} />}
              </>
            ) : (
              <dd>{t('record.step.notYet')}</dd>
            )}
          </dl>
          <IconButton icon="close" size="small" label={t('record.step.close')} onClick={() => setOpen(undefined)} />
        </div>
      )}
    </section>
  );
}

function noteOf(stage: PathStage, words: ReturnType<typeof useTimeWords>, t: ReturnType<typeof useTranslation>['t']): string | undefined {
  if (stage.status === 'returned') return t('record.step.returned');
  if (stage.status === 'stopped') return t('record.step.stopped');
  if (stage.status === 'current') return stage.dueAt && words.due(stage.dueAt).words;
  return stage.status === 'done' && stage.leftAt ? words.date(stage.leftAt) : undefined;
}

function Fact({ title, value }: { title: string; value: string }): ReactNode {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
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
