import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { PeoplePicker, type Chosen } from '@/shared/people/people-picker';

type Report = Schemas['HandOver'];

interface HandOverSheetProps {
  user: { id: string; name: string };
  onClose: () => void;
}

// HandOverSheet passes on what somebody has: first it tells what there is, then it does it, part by part.
export function HandOverSheet({ user, onClose }: HandOverSheetProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const queries = useQueryClient();
  const [to, setTo] = useState<readonly Chosen[]>([]);
  const [reason, setReason] = useState('');
  const [found, setFound] = useState<Report>();
  const [passed, setPassed] = useState<{ records: number; failed: Report['failed']; done: boolean }>();
  const person = to[0]?.id ?? '';
  const ask = (dryRun: boolean) => body(api.POST('/users/{id}/hand-over', { params: { path: { id: user.id } }, body: { to: person, dryRun, ...(reason.trim() && { reason: reason.trim() }) } }));
  const look = useMutation({ mutationFn: () => ask(true), onSuccess: setFound });
  const pass = useMutation({
    mutationFn: async () => {
      const sum = { records: 0, failed: [] as Report['failed'], done: false };
      while (!sum.done) {
        const part = await ask(false);
        sum.records += part.items.length;
        sum.failed = part.failed;
        sum.done = part.done;
        setPassed({ ...sum });
      }
    },
    onSettled: () => Promise.all(['tasks', 'today', 'records', 'delegations'].map((first) => queries.invalidateQueries({ queryKey: [first] }))),
  });
  const failure = look.error ?? pass.error;
  return (
    <Sheet
      title={t('handOver.title', { name: user.name })}
      onClose={onClose}
      width={520}
      footer={
        passed?.done ? (
          <Button kind="primary" onClick={onClose}>
            {t('action.done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            {found ? (
              <Button kind="primary" busy={pass.isPending} onClick={() => pass.mutate()}>
                {t('handOver.pass')}
              </Button>
            ) : (
              <Button kind="primary" busy={look.isPending} disabled={person === ''} onClick={() => look.mutate()}>
                {t('handOver.look')}
              </Button>
            )}
          </>
        )
      }
    >
      <div className="sw-hand-over">
        {failure && (
          <p className="sw-message" role="alert">
            {asProblem(failure).errors[0]?.message ?? asProblem(failure).title}
          </p>
        )}
        {passed && (
          <p role="status">
            <strong>{t(passed.done ? 'handOver.passed' : 'handOver.passing', { count: passed.records })}</strong>
          </p>
        )}
        {passed && passed.failed.length > 0 && (
          <ul>
            {passed.failed.map((one) => (
              <li key={one.record} className="sw-message">
                {t('handOver.failed', { title: one.title, why: one.detail })}
              </li>
            ))}
          </ul>
        )}
        {!found && (
          <>
            <p className="sw-help">{t('handOver.help')}</p>
            <PeoplePicker title={t('handOver.to')} chosen={to} onChange={setTo} most={1} without={[user.id]} />
            <div className="sw-field">
              <label className="sw-field-label" htmlFor={id}>
                {t('handOver.reason')}
              </label>
              <input id={id} className="sw-input" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
            </div>
          </>
        )}
        {found && !passed && <Found report={found} />}
      </div>
    </Sheet>
  );
}

// Found is what would be passed on, and what an admin must change by hand.
function Found({ report }: { report: Report }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { items, done, ended, moved, references, departments, reports, names } = report;
  const tasks = items.reduce((sum, item) => sum + (item.tasks?.length ?? 0), 0);
  const owned = items.filter((item) => item.owned).length;
  const namesOf = (ids: readonly string[]) => ids.map((id) => text(names[id]) || id).join(t('log.and'));
  const more = done ? '' : '+';
  return (
    <>
      <dl className="sw-hand-facts">
        <dt>{t('handOver.tasks')}</dt>
        <dd className="sw-num">{String(tasks) + more}</dd>
        <dt>{t('handOver.records')}</dt>
        <dd className="sw-num">{String(owned) + more}</dd>
        <dt>{t('handOver.delegations')}</dt>
        <dd className="sw-num">{ended.length + moved.length}</dd>
      </dl>
      {items.length > 0 && (
        <details>
          <summary>{t('handOver.which')}</summary>
          <ul className="sw-hand-list">
            {items.map((item) => (
              <li key={item.record} className="sw-ellipsis">
                {item.title || item.record}
              </li>
            ))}
          </ul>
        </details>
      )}
      {references.length + departments.length + reports.length > 0 && (
        <div>
          <h3>{t('handOver.byHand')}</h3>
          <ul className="sw-hand-list">
            {departments.length > 0 && <li>{t('handOver.heads', { names: namesOf(departments) })}</li>}
            {reports.length > 0 && <li>{t('handOver.manages', { names: namesOf(reports) })}</li>}
            {references.map((one) => (
              <li key={`${one.app}/${one.kind}/${one.key}/${String(one.version)}${one.pointer}`}>
                {t('handOver.named', { where: `${one.app} · ${t(`build.kind.${one.kind}`)} ${one.key}${one.pointer}` })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
