import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import { channelsKey } from './channels-page';

// ChannelLetters are the messages of a channel that did not arrive, each with its reason and a way to send it again.
export function ChannelLetters({ channel }: { channel: string }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const queries = useQueryClient();
  const mayRetry = useMe().permissions.includes('admin.retry');
  const key = ['admin', 'letters', channel];
  const letters = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => body(api.GET('/admin/channels/{key}/letters', { params: { path: { key: channel }, query: { limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
  const resend = useMutation({
    mutationFn: (ids: string[]) => body(api.POST('/admin/stuck/retry', { body: { ids } })),
    onSuccess: (_, ids) => toast.good(t('admin.retried', { count: ids.length })),
    onError: toast.problem,
    onSettled: () => Promise.all([key, channelsKey, ['admin', 'stuck']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  if (letters.isError && !letters.data) return <ErrorState error={letters.error} onRetry={() => void letters.refetch()} />;
  if (!letters.data) return <SkeletonRows />;
  const items = letters.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <EmptyState icon="check" title={t('channels.noLetters')} text={t('channels.noLettersText')} />;
  const again = items.filter((item) => item.state !== 'held').map((item) => item.id);
  return (
    <>
      {mayRetry && again.length > 1 && (
        <Button icon="refresh" busy={resend.isPending && resend.variables.length > 1} onClick={() => resend.mutate(again.slice(0, 500))}>
          {t('channels.resendAll', { count: again.length })}
        </Button>
      )}
      <ul className="sw-channel-letters">
        {items.map((item) => (
          <li key={item.id} className="sw-admin-row">
            <span className="sw-admin-what">
              <span className="sw-admin-name">
                <Chip tone={item.state === 'dead' ? 'bad' : 'warn'}>{t(`admin.state.${item.state}`)}</Chip>
                {item.app && item.form && item.record ? <Link to={routes.record(item.app, item.form, item.record)}>{item.title || item.recordTitle}</Link> : <span>{item.title || item.id}</span>}
              </span>
              {item.error && <span className="sw-admin-why">{item.error}</span>}
              <span className="sw-admin-note">{[item.userName, item.at && words.moment(item.at)].filter(Boolean).join(' · ')}</span>
            </span>
            {mayRetry && item.state !== 'held' && (
              <Button size="small" busy={resend.isPending && resend.variables.length === 1 && resend.variables[0] === item.id} onClick={() => resend.mutate([item.id])}>
                {t('channels.resend')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {letters.hasNextPage && (
        <Button kind="link" busy={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()}>
          {t('channels.more')}
        </Button>
      )}
    </>
  );
}
