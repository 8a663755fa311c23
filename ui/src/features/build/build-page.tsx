import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, NavLink, useParams } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, NoPermission, SkeletonRows } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import './build.css';
import { kinds } from './kinds';

// BuildPage is the definitions that an app consists of, for those who may design it.
export function BuildPage(): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { app } = useParams();
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')) });
  const mine = apps.data?.items.filter((one) => one.permissions.includes('design')) ?? [];
  if (apps.isError) return <ErrorState error={apps.error} onRetry={() => void apps.refetch()} />;
  if (apps.data && mine.length === 0) return <NoPermission />;
  const first = mine[0];
  if (app === undefined && first) return <Navigate to={routes.definitions(first.key)} replace />;
  return (
    <div className="sw-page">
      <PageTitle title={t('nav.design')} />
      <header className="sw-page-head">
        <h1>{t('nav.design')}</h1>
      </header>
      {mine.length > 1 && (
        <nav className="sw-build-apps" aria-label={t('build.apps')}>
          {mine.map((one) => (
            <NavLink key={one.key} to={routes.definitions(one.key)} className="sw-quick">
              {text(one.title)}
            </NavLink>
          ))}
        </nav>
      )}
      {app === undefined ? <SkeletonRows /> : <Definitions key={app} app={app} />}
    </div>
  );
}

function Definitions({ app }: { app: string }): ReactNode {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: ['definitions', app], queryFn: () => body(api.GET('/apps/{app}/definitions', { params: { path: { app } } })) });
  if (list.isError) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows />;
  const { items } = list.data;
  if (items.length === 0) return <EmptyState icon="build" title={t('build.none')} />;
  return kinds
    .filter((kind) => items.some((item) => item.kind === kind))
    .map((kind) => (
      <section key={kind} className="sw-panel" aria-label={t(`build.kind.${kind}`)}>
        <div className="sw-panel-head">
          <h2>{t(`build.kind.${kind}`)}</h2>
          {kind === 'automation' && <Link to={routes.automations(app)}>{t('automation.runs')}</Link>}
        </div>
        <ul>
          {items
            .filter((item) => item.kind === kind)
            .map((item) => (
              <Definition key={item.key} item={item} />
            ))}
        </ul>
      </section>
    ));
}

function Definition({ item }: { item: Schemas['DraftSummary'] }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  return (
    <li>
      <Link to={routes.definition(item.app, item.kind, item.key)} className="sw-build-row">
        <span className="sw-build-name">
          <span className="sw-ellipsis">{text(item.title) || item.key}</span>
          <code>{item.key}</code>
        </span>
        {item.published === 0 ? <Chip tone="info">{t('build.unpublished')}</Chip> : item.changed && <Chip tone="warn">{t('build.changed')}</Chip>}
        <span className="sw-build-version">{item.published > 0 && t('build.version', { number: item.published })}</span>
        <time dateTime={item.updatedAt} title={words.dateTime(item.updatedAt)}>
          {words.ago(item.updatedAt)}
        </time>
        <Icon name="chevronRight" />
      </Link>
    </li>
  );
}
