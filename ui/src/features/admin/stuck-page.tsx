import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import './admin.css';

const stuckKey = ['admin', 'stuck'];
const mostAtOnce = 500;

// StuckPage is what could not be carried out and why, with a way to try again.
export function StuckPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const mayRetry = useMe().permissions.includes('admin.retry');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const stuck = useQuery({ queryKey: stuckKey, queryFn: () => body(api.GET('/admin/stuck')) });
  const retry = useMutation({
    mutationFn: (ids: string[]) => body(api.POST('/admin/stuck/retry', { body: { ids } })),
    onSuccess: (_, ids) => {
      setChosen(new Set());
      toast.good(t('admin.retried', { count: ids.length }));
    },
    onError: toast.problem,
    onSettled: () => queries.invalidateQueries({ queryKey: stuckKey }),
  });
  const items = stuck.data?.items ?? [];
  const picked = items.filter((item) => chosen.has(item.id)).map((item) => item.id);
  const ids = (picked.length > 0 ? picked : items.map((item) => item.id)).slice(0, mostAtOnce);
  const toggle = (id: string) => setChosen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));
  return (
    <div className="sw-page">
      <PageTitle title={t('nav.stuck')} />
      <header className="sw-page-head">
        <h1>{t('nav.stuck')}</h1>
        {mayRetry && items.length > 0 && (
          <Button kind="primary" icon="refresh" busy={retry.isPending} onClick={() => retry.mutate(ids)}>
            {picked.length > 0 ? t('admin.retrySome', { count: picked.length }) : t('admin.retryAll')}
          </Button>
        )}
      </header>
      <p className="sw-admin-lead">{t('admin.stuckLead')}</p>
      <div className="sw-panel">
        {stuck.isError ? (
          <ErrorState error={stuck.error} onRetry={() => void stuck.refetch()} />
        ) : !stuck.data ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          <EmptyState icon="check" title={t('admin.stuckNone')} text={t('admin.stuckNoneText')} />
        ) : (
          <ul>
            {items.map((item) => (
              <Item key={item.id} item={item} chosen={chosen.has(item.id)} onToggle={mayRetry ? () => toggle(item.id) : undefined} />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

interface ItemProps {
  item: Schemas['StuckItem'];
  chosen: boolean;
  onToggle: (() => void) | undefined;
}

function Item({ item, chosen, onToggle }: ItemProps): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const { app, form, record, automation } = item;
  const name = item.recordTitle || record || item.id;
  return (
    <li className="sw-admin-row">
      {onToggle && <input type="checkbox" className="sw-admin-pick" aria-label={t('admin.choose', { name })} checked={chosen} onChange={onToggle} />}
      <span className="sw-admin-what">
        <span className="sw-admin-name">
          <Chip tone={item.state === 'dead' ? 'bad' : 'warn'}>{t(`admin.state.${item.state}`)}</Chip>
          {t(`admin.kind.${item.kind}`)}
          {app && form && record ? <Link to={routes.record(app, form, record)}>{name}</Link> : <span>{name}</span>}
          {app && automation && <Link to={routes.automation(app, automation, item.id)}>{t('automation.run')}</Link>}
        </span>
        <span className="sw-admin-why">{item.error}</span>
        <span className="sw-admin-note">{[item.channel, t('admin.attempts', { count: item.attempts })].filter(Boolean).join(' · ')}</span>
      </span>
      {item.at && (
        <time dateTime={item.at} title={words.dateTime(item.at)} className="sw-admin-time">
          {words.moment(item.at)}
        </time>
      )}
    </li>
  );
}
