import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon, type IconName } from '@/shared/kit/icon';
import { DueBadge } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';
import type { RecordView, Task } from './record-view';
import { partsOf, tally, type Part, type PartState } from './standing';
import type { RecordActions } from './use-record-actions';
import './record-standing.css';

interface RecordStandingProps {
  record: RecordView;
  actions: Pick<RecordActions, 'act' | 'busy'>;
}

const signs: Record<PartState, IconName> = { approved: 'check', rejected: 'close', abstained: 'minus', turn: 'arrowRight', later: 'clock' };

// RecordStanding is where a record stands: whose turn it is, who has decided, and what else it waits for.
export function RecordStanding({ record, actions }: RecordStandingProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const { tasks = [], waits = [], undo } = record;
  return (
    <section className="sw-panel sw-standing" aria-labelledby={id}>
      <div className="sw-panel-head">
        <h2 id={id}>{t('standing.title')}</h2>
        {undo && (
          <Button size="small" icon="undo" busy={actions.busy === 'undo' + undo} onClick={() => actions.act('undo', undo)}>
            {t('standing.undo')}
          </Button>
        )}
      </div>
      {undo && <p className="sw-help sw-standing-note">{t('standing.undoHelp')}</p>}
      <Suspension record={record} />
      <ul className="sw-standing-rows">
        {tasks.map((task) => (
          <OpenTask key={task.id} task={task} names={record.names} actions={actions} />
        ))}
        {waits.map((wait) => (
          <Wait key={wait.block} wait={wait} app={record.app} />
        ))}
      </ul>
    </section>
  );
}

function Suspension({ record: { suspension, names } }: { record: RecordView }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  if (!suspension) return null;
  const who = suspension.by ? text(names?.[suspension.by]) || suspension.by : t('log.system');
  return (
    <p className="sw-standing-still" role="status">
      <Icon name="lock" size={16} />
      <span>
        <strong>{t('standing.suspended', { who, when: words.moment(suspension.at) })}</strong> {suspension.reason}
      </span>
    </p>
  );
}

function OpenTask({ task, names, actions }: { task: Task; names: RecordView['names']; actions: RecordStandingProps['actions'] }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const parts = partsOf(task);
  const { approved, of } = tally(parts);
  const { mode, progress, element, urgedAt } = task;
  return (
    <li>
      <div className="sw-standing-step">
        <strong>{text(task.title)}</strong>
        {element && <Chip>{t('tasks.element', { number: element.number })}</Chip>}
        {mode && of > 1 && <Chip tone="info">{t(`standing.mode.${mode}`)}</Chip>}
        {mode && mode !== 'any' && of > 1 && <span className="sw-help sw-num">{t('standing.approved', { approved, of })}</span>}
        {progress && <span className="sw-help sw-num">{t('standing.progress', progress)}</span>}
        <DueBadge due={task.dueAt} overdue={task.overdue} />
        {task.actions?.includes('urge') && (
          <span className="sw-standing-urge">
            {urgedAt && <span className="sw-help">{t('standing.urged', { when: words.ago(urgedAt) })}</span>}
            <Button size="small" icon="bell" busy={actions.busy === 'urge' + task.id} onClick={() => actions.act('urge', task.id)}>
              {t('standing.urge')}
            </Button>
          </span>
        )}
      </div>
      <ul className="sw-standing-people">
        {parts.map((part) => (
          <Person key={part.id} part={part} names={names} votes={mode !== undefined} />
        ))}
      </ul>
    </li>
  );
}

function Person({ part: { id, state, standIns, to }, names, votes }: { part: Part; names: RecordView['names']; votes: boolean }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const nameOf = (who: string) => text(names?.[who]) || who;
  const open = state === 'turn' || state === 'later';
  const notes = [to !== undefined && t('standing.addedTo', { name: nameOf(to) }), open && standIns.length > 0 && t('standing.standIn', { names: standIns.map(nameOf).join(t('log.and')) })].filter(Boolean);
  return (
    <li data-state={state}>
      <PersonName name={nameOf(id)} size={20} />
      {(votes || state !== 'turn') && (
        <span className="sw-standing-state">
          <Icon name={signs[state]} size={14} />
          {t(`standing.state.${state}`)}
        </span>
      )}
      {notes.length > 0 && <span className="sw-help">{notes.join(' · ')}</span>}
    </li>
  );
}

function Wait({ wait, app }: { wait: NonNullable<RecordView['waits']>[number]; app: string }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const { type, until, timeout, missing, record, form, deferred } = wait;
  const notes = [
    until && t('standing.until', { when: words.moment(until) }),
    timeout && t('standing.timeout', { when: words.moment(timeout) }),
    text(missing),
    deferred && t('standing.deferred'),
  ].filter(Boolean);
  return (
    <li>
      <div className="sw-standing-step">
        <Icon name={type === 'stage' ? 'lock' : type === 'create' ? 'link' : 'clock'} size={16} />
        <strong>{t('standing.wait', { what: text(wait.title) })}</strong>
        <span className="sw-help">{notes.join(' · ')}</span>
        {record && form && <Link to={routes.record(app, form, record)}>{t('standing.toRecord')}</Link>}
      </div>
    </li>
  );
}
