import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Icon, type IconName } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { Segments } from '@/shared/kit/tabs';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import './work.css';

type Notice = Schemas['Notice'];

const signs: Record<Notice['cause'], IconName> = {
  task: 'tasks', copy: 'mail', reminder: 'clock', overdue: 'alert', escalated: 'alert', actFailed: 'alert', returned: 'undo', ended: 'flag', entered: 'arrowRight', failed: 'alert',
  held: 'lock', standIn: 'people', urged: 'bell', mentioned: 'comment', undone: 'undo', asked: 'edit', assigned: 'person', takenBack: 'undo',
};
const pageSize = 50;

// NoticesPage is what I was told, newest first. Following a notice marks it as read.
export function NoticesPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [which, setWhich] = useState<'all' | 'unread'>('all');
  const notices = useInfiniteQuery({
    queryKey: ['notices', which],
    queryFn: ({ pageParam }) => body(api.GET('/notices', { params: { query: { limit: pageSize, ...(which === 'unread' && { unread: true }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const read = useMutation({
    mutationFn: (what: { ids: string[] } | { all: true }) => api.POST('/notices/read', { body: what }),
    onSuccess: () => Promise.all(['notices', 'me'].map((first) => queries.invalidateQueries({ queryKey: [first] }))),
    onError: toast.problem,
  });
  const items = notices.data?.pages.flatMap((page) => page.items) ?? [];
  const unread = notices.data?.pages[0]?.unread ?? 0;
  return (
    <div className="sw-page" data-narrow="">
      <PageTitle title={t('nav.notices')} />
      <header className="sw-page-head">
        <h1>{t('nav.notices')}</h1>
        {unread > 0 && (
          <Button icon="check" busy={read.isPending} onClick={() => read.mutate({ all: true })}>
            {t('notices.readAll')}
          </Button>
        )}
      </header>
      <Segments
        label={t('notices.which')}
        selected={which}
        onSelect={setWhich}
        segments={[
          { key: 'all', title: t('notices.all') },
          { key: 'unread', title: unread > 0 ? `${t('notices.unread')} ${String(unread)}` : t('notices.unread') },
        ]}
      />
      <div className="sw-panel">
        {notices.isError ? (
          <ErrorState error={notices.error} onRetry={() => void notices.refetch()} />
        ) : !notices.data ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          <EmptyState icon="bell" title={which === 'unread' ? t('notices.noneUnread') : t('notices.none')} />
        ) : (
          <ul className="sw-rows">
            {items.map((notice) => (
              <li key={notice.id}>
                <NoticeRow notice={notice} onRead={() => !notice.read && read.mutate({ ids: [notice.id] })} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {notices.hasNextPage && (
        <p className="sw-work-more">
          <Button busy={notices.isFetchingNextPage} onClick={() => void notices.fetchNextPage()}>
            {t('tasks.more')}
          </Button>
        </p>
      )}
    </div>
  );
}

function NoticeRow({ notice, onRead }: { notice: Notice; onRead: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const { cause, title, text: told, app, form, record, createdAt, read } = notice;
  const inside = (
    <>
      <span className="sw-task-sign" data-cause={cause}>
        <Icon name={signs[cause]} />
      </span>
      <span className="sw-task-what">
        <span className="sw-notice-title">
          {text(title)}
          {!read && <span className="sw-visually-hidden">{t('notices.isUnread')}</span>}
        </span>
        {text(told) && <span className="sw-notice-text">{text(told)}</span>}
      </span>
      <time className="sw-task-note" dateTime={createdAt} title={words.dateTime(createdAt)}>
        {words.ago(createdAt)}
      </time>
    </>
  );
  const unread = read ? undefined : '';
  if (app && form && record) {
    return (
      <Link to={routes.record(app, form, record)} className="sw-task" data-unread={unread} onClick={onRead}>
        {inside}
      </Link>
    );
  }
  return (
    <button type="button" className="sw-task" data-unread={unread} onClick={onRead}>
      {inside}
    </button>
  );
}
