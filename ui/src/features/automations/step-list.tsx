import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Chip, type Tone } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';
import type { Wording } from './words';

type Step = Schemas['RunStep'];

const tones: Record<Step['state'], Tone> = { pending: 'plain', waiting: 'info', done: 'good', failed: 'bad' };

interface StepListProps {
  app: string;
  steps: readonly Step[];
  wording: Wording;
  // real steps have happened: their records are there, and they show when.
  real: boolean;
}

// StepList is what a run did, or would do, in order, each with what went in and what came out.
export function StepList({ app, steps, wording, real }: StepListProps): ReactNode {
  return (
    <ol className="sw-auto-steps">
      {steps.map((step, index) => (
        <li key={index}>
          <StepItem app={app} step={step} wording={wording} real={real} />
        </li>
      ))}
    </ol>
  );
}

function StepItem({ app, step, wording, real }: Omit<StepListProps, 'steps'> & { step: Step }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const title = wording.text(step.title);
  const at = step.doneAt ?? step.at;
  return (
    <>
      <div className="sw-auto-step">
        <strong>{title || t(`automation.step.${step.kind}`)}</strong>
        {title && <span className="sw-help">{t(`automation.step.${step.kind}`)}</span>}
        {real && <Chip tone={tones[step.state]}>{t(`automation.stepState.${step.state}`)}</Chip>}
        {real && at && (
          <time dateTime={at} title={words.dateTime(at)}>
            {words.moment(at)}
          </time>
        )}
      </div>
      {step.error && <p className="sw-auto-error">{wording.text(step.error)}</p>}
      {step.case && <p>{step.case}</p>}
      {step.until && <p>{t('automation.until', { when: words.moment(step.until) })}</p>}
      {step.people && step.people.length > 0 && <p>{t('automation.people', { people: step.people.join(t('log.and')) })}</p>}
      {step.set && <Changes before={step.before ?? {}} after={step.set} wording={wording} />}
      {step.url && (
        <p>
          <code>
            {step.method} {step.url}
          </code>
          {step.status !== undefined && ` → ${String(step.status)}`}
        </p>
      )}
      {step.kind === 'create' && (
        <p>
          <code>{step.form}</code> {real && step.record && step.form && step.state !== 'failed' && <Link to={routes.record(app, step.form, step.record)}>{t('automation.openRecord')}</Link>}
        </p>
      )}
      {(step.body ?? step.data) && <Fold title={t('automation.sent')} value={step.body ?? step.data} />}
      {step.answer !== undefined && <Fold title={t('automation.answer')} value={step.answer} />}
    </>
  );
}

interface ChangesProps {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  wording: Wording;
}

// Changes are fields before and after.
export function Changes({ before, after, wording }: ChangesProps): ReactNode {
  const { t } = useTranslation();
  const say = (value: unknown) => (value === undefined || value === null || value === '' ? t('automation.nothing') : typeof value === 'string' ? value : JSON.stringify(value));
  return (
    <ul className="sw-auto-changes">
      {Object.keys(after).map((key) => (
        <li key={key}>
          <span>{wording.field(key)}</span> <del>{say(before[key])}</del> <Icon name="arrowRight" size={14} /> <ins>{say(after[key])}</ins>
        </li>
      ))}
    </ul>
  );
}

// Fold is data as it is, behind a word.
export function Fold({ title, value }: { title: string; value: unknown }): ReactNode {
  return (
    <details className="sw-auto-fold">
      <summary>{title}</summary>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
