import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import { DueBadge } from '@/shared/kit/traffic-light';
import { routes } from '@/shared/routes';
import { Choices } from './ask-choices';
import './ask-sheet.css';
import './batch.css';

type Task = Schemas['Task'];
type Result = Schemas['BatchResult'];

interface BatchSheetProps {
  tasks: readonly Task[];
  onClose: () => void;
}

// BatchSheet decides several approvals at once: first they are looked through, then each says what became of it.
export function BatchSheet({ tasks, onClose }: BatchSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const id = useId();
  const queries = useQueryClient();
  const [action, setAction] = useState<'approve' | 'reject'>('approve');
  const [comment, setComment] = useState('');
  const [missing, setMissing] = useState(false);
  const opinions = useQuery({ queryKey: ['opinions', ''], queryFn: () => body(api.GET('/me/opinions')), staleTime: 60_000 });
  const decide = useMutation({
    mutationFn: () => body(api.POST('/tasks/batch', { body: { items: tasks.map((task) => ({ task: task.id, action, ...(comment.trim() && { comment: comment.trim() }) })) } })),
    onSuccess: () => Promise.all(['tasks', 'today', 'records'].map((first) => queries.invalidateQueries({ queryKey: [first] }))),
  });
  const results = new Map((decide.data?.items ?? []).map((one) => [one.task, one]));
  const done = decide.data !== undefined;
  const good = [...results.values()].filter(({ ok }) => ok).length;
  const send = () => {
    if (action === 'reject' && comment.trim() === '') setMissing(true);
    else if (!decide.isPending) decide.mutate();
  };
  return (
    <Sheet
      title={t('batch.title', { count: tasks.length })}
      onClose={onClose}
      width={520}
      footer={
        done ? (
          <Button kind="primary" onClick={onClose}>
            {t('action.done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button kind={action === 'reject' ? 'danger' : 'primary'} busy={decide.isPending} onClick={send}>
              {t(`batch.${action}`, { count: tasks.length })}
            </Button>
          </>
        )
      }
    >
      <div className="sw-ask">
        {done && (
          <p role="status">
            <strong>{t('batch.result', { good, bad: tasks.length - good })}</strong>
          </p>
        )}
        {decide.isError && (
          <p className="sw-message" role="alert">
            {decide.error.message}
          </p>
        )}
        <ul className="sw-batch">
          {tasks.map((task) => (
            <li key={task.id}>
              <span className="sw-batch-what">
                <Link to={routes.record(task.app, task.form, task.record)} className="sw-ellipsis">
                  {task.recordTitle || text(task.formTitle)}
                </Link>
                <span className="sw-help">{text(task.title)}</span>
                {results.get(task.id)?.ok === false && <Refused result={results.get(task.id)} />}
              </span>
              {done ? <Outcome ok={results.get(task.id)?.ok ?? false} /> : <DueBadge due={task.dueAt} overdue={task.overdue} />}
            </li>
          ))}
        </ul>
        {!done && (
          <>
            <Choices
              title={t('batch.decision')}
              chosen={action}
              onChoose={setAction}
              options={[
                { key: 'approve', title: t('record.do.approve') },
                { key: 'reject', title: t('record.do.reject') },
              ]}
            />
            <div className="sw-field">
              <label className="sw-field-label" htmlFor={id}>
                {t(action === 'reject' ? 'ask.why' : 'record.ask.comment')}
              </label>
              {(opinions.data?.mine.length ?? 0) > 0 && (
                <ul className="sw-ask-phrases" aria-label={t('opinions.title')}>
                  {opinions.data?.mine.map((phrase) => (
                    <li key={phrase}>
                      <button type="button" className="sw-chip" onClick={() => setComment(phrase)}>
                        {phrase}
                      </button>
                    </li>
                  ))}
                </ul>
              )}
              <textarea
                id={id}
                className="sw-input"
                rows={2}
                maxLength={4000}
                value={comment}
                aria-invalid={missing ? true : undefined}
                aria-describedby={missing ? id + 'missing' : undefined}
                onChange={(event) => {
                  setComment(event.target.value);
                  setMissing(false);
                }}
              />
              {missing && (
                <p id={id + 'missing'} className="sw-message">
                  {t('kit.reasonMissing')}
                </p>
              )}
            </div>
          </>
        )}
      </div>
    </Sheet>
  );
}

function Outcome({ ok }: { ok: boolean }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="sw-batch-outcome" data-ok={ok ? '' : undefined}>
      <Icon name={ok ? 'check' : 'alert'} size={16} />
      {t(ok ? 'batch.done' : 'batch.refused')}
    </span>
  );
}

function Refused({ result }: { result: Result | undefined }): ReactNode {
  return <span className="sw-message">{[result?.title, ...(result?.errors ?? []).map((one) => one.message)].filter(Boolean).join(' ')}</span>;
}
