import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { DueBadge } from '@/shared/kit/traffic-light';
import type { RecordView, Task } from './record-view';
import type { RecordActions } from './use-record-actions';
import './record-checklist.css';

interface RecordChecklistProps {
  task: Task;
  names: RecordView['names'];
  actions: Pick<RecordActions, 'act' | 'busy'>;
}

// RecordChecklist is a checklist to tick with one thumb: the whole line is the target.
export function RecordChecklist({ task, names, actions }: RecordChecklistProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const id = useId();
  const { items = [], progress = { done: 0, of: items.length } } = task;
  const may = (action: 'tick' | 'untick') => task.actions?.includes(action) ?? false;
  return (
    <section className="sw-panel" aria-labelledby={id}>
      <div className="sw-panel-head">
        <h2 id={id}>{text(task.title)}</h2>
        <span className="sw-help sw-num">{t('standing.progress', progress)}</span>
      </div>
      <progress className="sw-check-bar" max={progress.of || 1} value={progress.done} aria-label={t('standing.progress', progress)} />
      <ul className="sw-check-rows">
        {items.map((item) => {
          const done = item.doneAt !== undefined;
          const action = done ? 'untick' : 'tick';
          const name = item.doneBy === undefined ? '' : text(names?.[item.doneBy]) || item.doneBy;
          return (
            <li key={item.id}>
              <button type="button" role="checkbox" aria-checked={done} disabled={!may(action)} aria-busy={actions.busy === action + item.id} onClick={() => actions.act(action, task.id, item.id)}>
                <span className="sw-check-box">{done && <Icon name="check" size={18} />}</span>
                <span className="sw-check-words">
                  <span>
                    {text(item.title)} {item.optional && <Chip>{t('standing.optional')}</Chip>} {!done && <DueBadge due={item.dueAt} overdue={item.overdue ?? false} />}
                  </span>
                  {text(item.help) && <span className="sw-help">{text(item.help)}</span>}
                  {item.doneAt && <Done at={item.doneAt} name={name} />}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Done({ at, name }: { at: string; name: string }): ReactNode {
  const words = useTimeWords();
  return <span className="sw-help">{[name, words.moment(at)].filter(Boolean).join(' · ')}</span>;
}
