import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { now } from '@/shared/clock';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { useConfirm } from '@/shared/kit/confirm';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { useMe } from '@/shared/session';

type Delegation = Schemas['Delegation'];

const DelegationSheet = lazy(async () => ({ default: (await import('./delegation-sheet')).DelegationSheet }));

// DelegationsPanel is who stands in for me, and for whom I stand in.
export function DelegationsPanel(): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const text = useText();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [making, setMaking] = useState(false);
  const list = useQuery({ queryKey: ['delegations', 'me'], queryFn: () => body(api.GET('/me/delegations')) });
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE('/me/delegations/{id}', { params: { path: { id } } }),
    onSuccess: () => {
      toast.good(t('delegate.ended'));
      return Promise.all(['delegations', 'tasks', 'today'].map((first) => queries.invalidateQueries({ queryKey: [first] })));
    },
    onError: toast.problem,
  });
  const nameOf = (id: string) => text(list.data?.names[id]) || id;
  const ask = async (one: Delegation) => {
    const sure = await confirm({ title: t('delegate.endTitle', { name: nameOf(one.to) }), text: t('delegate.endText'), action: t('delegate.end') });
    if (sure) end.mutate(one.id);
  };
  return (
    <section className="sw-panel" aria-labelledby="me-delegations">
      <div className="sw-panel-head">
        <h2 id="me-delegations">{t('delegate.title')}</h2>
        <Button size="small" icon="plus" onClick={() => setMaking(true)}>
          {t('delegate.add')}
        </Button>
      </div>
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <SkeletonRows rows={2} />
      ) : list.data.items.length === 0 ? (
        <p className="sw-me-row sw-help">{t('delegate.none')}</p>
      ) : (
        <ul>
          {list.data.items.map((one) => (
            <li key={one.id} className="sw-me-row">
              <Terms one={one} title={one.from === me.id ? t('delegate.given', { name: nameOf(one.to) }) : t('delegate.taken', { name: nameOf(one.from) })} />
              {one.from === me.id && !over(one) && (
                <Button size="small" busy={end.isPending && end.variables === one.id} onClick={() => void ask(one)}>
                  {t('delegate.end')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {making && (
        <Suspense>
          <DelegationSheet onClose={() => setMaking(false)} />
        </Suspense>
      )}
    </section>
  );
}

function Terms({ one, title }: { one: Delegation; title: string }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')), staleTime: 60_000 });
  const text = useText();
  const app = apps.data?.items.find(({ key }) => key === one.scope.app);
  const form = app?.forms.find(({ key }) => key === one.scope.form);
  const scope = [text(app?.title) || one.scope.app, text(form?.title) || one.scope.form].filter(Boolean).join(' · ') || t('delegate.everything');
  return (
    <span className="sw-me-what">
      <span>
        {title} <Chip tone={one.holds ? 'teal' : 'plain'}>{t(`delegate.state.${one.holds ? 'holds' : over(one) ? 'over' : 'comes'}`)}</Chip>
      </span>
      <span className="sw-help">{[t('delegate.period', { from: words.moment(one.startsAt), to: words.moment(one.endedAt ?? one.endsAt) }), scope, one.reason].filter(Boolean).join(' · ')}</span>
    </span>
  );
}

function over({ endedAt, endsAt }: Delegation): boolean {
  return endedAt !== undefined || new Date(endsAt).getTime() <= now();
}
