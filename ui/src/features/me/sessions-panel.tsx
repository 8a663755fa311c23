import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';

export function SessionsPanel(): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => body(api.GET('/sessions')) });
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE('/sessions/{id}', { params: { path: { id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
    onError: toast.problem,
  });
  return (
    <section className="sw-panel" aria-labelledby="me-sessions">
      <div className="sw-panel-head">
        <h2 id="me-sessions">{t('me.sessions')}</h2>
      </div>
      {sessions.isError ? (
        <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : !sessions.data ? (
        <SkeletonRows rows={2} />
      ) : (
        <ul>
          {sessions.data.items.map((session) => (
            <li key={session.id} className="sw-me-row">
              <span className="sw-me-what">
                <span className="sw-ellipsis">{device(session.agent) || t('me.unknownDevice')}</span>
                <span className="sw-help">{[t('me.lastUsed', { when: words.ago(session.lastUsedAt) }), session.ip].filter(Boolean).join(' · ')}</span>
              </span>
              {session.current ? (
                <Chip tone="teal">{t('me.thisSession')}</Chip>
              ) : (
                <Button size="small" busy={revoke.isPending && revoke.variables === session.id} onClick={() => revoke.mutate(session.id)}>
                  {t('me.endSession')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// device names a browser and system the way their owner would.
export function device(agent = ''): string {
  const browsers = { MicroMessenger: 'WeChat', 'Edg/': 'Edge', 'OPR/': 'Opera', 'Firefox/': 'Firefox', 'Chrome/': 'Chrome', 'Safari/': 'Safari' };
  const systems = { iPhone: 'iPhone', iPad: 'iPad', Android: 'Android', Windows: 'Windows', 'Mac OS': 'macOS', Linux: 'Linux' };
  const pick = (table: Record<string, string>) => Object.entries(table).find(([sign]) => agent.includes(sign))?.[1];
  return [pick(browsers), pick(systems)].filter(Boolean).join(' · ') || agent;
}
