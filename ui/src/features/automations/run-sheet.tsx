import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { useConfirm } from '@/shared/kit/confirm';
import { Sheet } from '@/shared/kit/sheet';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import { Changes, Fold, StepList } from './step-list';
import { runTones, type Wording } from './words';

interface RunSheetProps {
  app: string;
  id: string;
  wording: Wording;
  mayAct: boolean;
  onOpen: (id: string) => void;
  onClose: () => void;
}

// RunSheet is one run: what set it off, each step with what went in and came out, and what can be done about it.
export function RunSheet({ app, id, wording, mayAct, onOpen, onClose }: RunSheetProps): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const ask = useConfirm();
  const path = { app, id };
  const run = useQuery({
    queryKey: ['runs', app, 'one', id],
    queryFn: () => body(api.GET('/apps/{app}/runs/{id}', { params: { path } })),
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? 3_000 : false),
  });
  const settle = () => Promise.all(['runs', 'automations'].map((first) => queries.invalidateQueries({ queryKey: [first, app] })));
  const retry = useMutation({
    mutationFn: () => body(api.POST('/apps/{app}/runs/{id}/retry', { params: { path } })),
    onSuccess: () => toast.good(t('automation.retried')),
    onError: toast.problem,
    onSettled: settle,
  });
  const cancel = useMutation({
    mutationFn: () => body(api.POST('/apps/{app}/runs/{id}/cancel', { params: { path } })),
    onSuccess: () => toast.good(t('automation.cancelled')),
    onError: toast.problem,
    onSettled: settle,
  });
  const end = async () => {
    if (await ask({ title: t('automation.cancel'), text: t('automation.cancelText'), action: t('automation.cancel') })) cancel.mutate();
  };
  const state = run.data?.state;
  const footer = mayAct && (
    <>
      {state === 'dead' && (
        <Button kind="primary" icon="refresh" busy={retry.isPending} onClick={() => retry.mutate()}>
          {t('automation.retry')}
        </Button>
      )}
      {state === 'pending' && (
        <Button busy={cancel.isPending} onClick={() => void end()}>
          {t('automation.cancel')}
        </Button>
      )}
    </>
  );
  return (
    <Sheet title={t('automation.run')} onClose={onClose} width={640} footer={state === 'dead' || state === 'pending' ? footer : undefined}>
      {run.isError ? <ErrorState error={run.error} onRetry={() => void run.refetch()} /> : !run.data ? <SkeletonRows rows={5} /> : <Details app={app} run={run.data} wording={wording} onOpen={onOpen} />}
    </Sheet>
  );
}

function Details({ app, run, wording, onOpen }: { app: string; run: Schemas['OneRun']; wording: Wording; onOpen: (id: string) => void }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const changes = run.cause.changes ?? {};
  const keys = Object.keys(changes);
  const pick = (side: 'before' | 'after') => Object.fromEntries(keys.map((key) => [key, changes[key]?.[side]]));
  return (
    <div className="sw-auto-run">
      <p className="sw-auto-facts">
        <Chip tone={runTones[run.state]}>{t(`automation.state.${run.state}`)}</Chip>
        {run.record ? <Link to={routes.record(app, run.form, run.record)}>{run.recordTitle || run.record}</Link> : <span>{t('automation.noRecord')}</span>}
        <time dateTime={run.at} title={words.dateTime(run.at)}>
          {words.moment(run.at)}
        </time>
        {run.byName && <span>{t('automation.by', { name: run.byName })}</span>}
        {run.endedAt && <span>{t('automation.seconds', { count: Math.round(run.seconds * 10) / 10 })}</span>}
        <span>{t('build.version', { number: run.version })}</span>
      </p>
      {run.why && <p className="sw-auto-error">{wording.text(run.why)}</p>}
      {run.trying && (
        <p className="sw-auto-error">
          {t('automation.trying', { count: run.trying.attempts, when: run.trying.at ? words.moment(run.trying.at) : '' })} · {wording.text(run.trying.text) || run.trying.error}
        </p>
      )}
      {run.chain.length > 0 && (
        <>
          <h3>{t('automation.chain')}</h3>
          <ol className="sw-auto-chain">
            {run.chain.map((link) => (
              <li key={link.run}>
                <Button kind="link" size="small" onClick={() => onOpen(link.run)}>
                  {wording.text(link.title)}
                </Button>
              </li>
            ))}
          </ol>
        </>
      )}
      {keys.length > 0 && (
        <>
          <h3>{t('automation.changes')}</h3>
          <Changes before={pick('before')} after={pick('after')} wording={wording} />
        </>
      )}
      {run.cause.input && <Fold title={t('automation.input')} value={run.cause.input} />}
      {run.data && <Fold title={t('automation.data')} value={run.data} />}
      <h3>{t('automation.steps')}</h3>
      {run.steps.length === 0 ? <p className="sw-help">{t('automation.noSteps')}</p> : <StepList app={app} steps={run.steps} wording={wording} real />}
    </div>
  );
}
