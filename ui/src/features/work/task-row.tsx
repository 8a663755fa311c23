import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Chip, type Tone } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { DueBadge } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';

type Task = Schemas['Task'];

const tones: Record<NonNullable<Task['result']>, Tone> = { completed: 'good', approved: 'good', rejected: 'bad', returned: 'warn', cancelled: 'plain', lapsed: 'warn' };

// TaskRow is one task and leads to its record. The record's name comes first: it is what people know their work by. names puts
// words to the ids in it.
export function TaskRow({ task, names }: { task: Task; names?: Readonly<Record<string, Text>> | undefined }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const step = text(task.title);
  const back = task.state === 'open' ? task.sentBack : undefined;
  const where = [step, text(task.stageTitle)].filter((part, index, all) => part !== '' && all.indexOf(part) === index).join(' · ');
  return (
    <Link to={{ pathname: routes.record(task.app, task.form, task.record), search: task.state === 'open' ? `?task=${encodeURIComponent(task.id)}` : '' }} className="sw-task" data-overdue={task.overdue ? '' : undefined}>
      <span className="sw-task-sign" data-kind={task.kind}>
        <Icon name={task.kind === 'approval' ? 'approval' : task.kind === 'checklist' ? 'list' : 'tasks'} size={18} />
        <span className="sw-visually-hidden">{t(task.kind === 'approval' ? 'tasks.approval' : task.kind === 'checklist' ? 'tasks.checklist' : 'tasks.toDo')}</span>
      </span>
      <span className="sw-task-what">
        <span className="sw-task-title sw-ellipsis">{task.recordTitle || text(task.formTitle)}</span>
        <span className="sw-task-note sw-ellipsis">
          {where}
          {task.element && ` · ${t('tasks.element', { number: task.element.number })}`}
          {task.progress && ` · ${String(task.progress.done)}/${String(task.progress.of)}`}
        </span>
        {back && <SentBack back={back} who={(back.by && text(names?.[back.by])) || t('record.somebody')} />}
      </span>
      <span className="sw-task-when">
        {task.state === 'done' ? (
          <>
            {task.result && <Chip tone={tones[task.result]}>{t(`tasks.result.${task.result}`)}</Chip>}
            {task.doneAt && <span className="sw-task-note">{words.moment(task.doneAt)}</span>}
          </>
        ) : (
          <DueBadge due={task.dueAt} overdue={task.overdue} />
        )}
      </span>
    </Link>
  );
}

function SentBack({ back: { reason }, who }: { back: Schemas['SentBack']; who: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="sw-task-back" title={reason}>
      <Icon name="undo" size={14} />
      <span className="sw-ellipsis">{reason ? t('record.back.row', { who, reason }) : t('record.back.rowNoReason', { who })}</span>
    </span>
  );
}
