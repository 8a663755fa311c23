import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { Button, LinkButton } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon, isIconName } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import './build.css';
import { isKind } from './kinds';

type Entry = Schemas['MarketEntry'];

// MarketPage is the apps that come with the product, ready to install.
export function MarketPage(): ReactNode {
  const { t } = useTranslation();
  const market = useQuery({ queryKey: ['market'], queryFn: () => body(api.GET('/market')) });
  return (
    <div className="sw-page">
      <PageTitle title={t('nav.market')} />
      <header className="sw-page-head">
        <h1>{t('nav.market')}</h1>
      </header>
      {market.isError ? (
        <ErrorState error={market.error} onRetry={() => void market.refetch()} />
      ) : !market.data ? (
        <SkeletonRows rows={3} />
      ) : market.data.items.length === 0 ? (
        <EmptyState title={t('market.none')} />
      ) : (
        <ul className="sw-market">
          {market.data.items.map((entry) => (
            <MarketEntry key={entry.template} entry={entry} />
          ))}
        </ul>
      )}
    </div>
  );
}

function MarketEntry({ entry }: { entry: Entry }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const queries = useQueryClient();
  const [sampleData, setSampleData] = useState(false);
  const title = text(entry.title);
  const install = useMutation({
    mutationFn: () => body(api.POST('/apps', { body: { template: entry.template, ...(sampleData && { sampleData }) } })),
    onSuccess: async () => {
      toast.good(t('market.installedNow', { app: title }));
      await queries.invalidateQueries();
    },
    onError: toast.problem,
  });
  const contents = Object.entries(entry.contents).filter(([kind, count]) => count > 0 && isKind(kind));
  return (
    <li className="sw-panel sw-market-entry">
      <span className="sw-market-icon">
        <Icon name={isIconName(entry.icon) ? entry.icon : 'box'} size={24} />
      </span>
      <div className="sw-market-text">
        <h2>{title}</h2>
        <p className="sw-market-meta">
          <Chip tone="teal">{text(entry.category)}</Chip> {t('market.version', { version: entry.version })}
        </p>
        <p>{text(entry.summary)}</p>
        <ul className="sw-market-contents" aria-label={t('market.contents')}>
          {contents.map(([kind, count]) => isKind(kind) && <li key={kind}>{t('market.content', { kind: t(`build.kind.${kind}`), count })}</li>)}
        </ul>
        {!entry.installed && entry.sampleData && (
          <label className="sw-market-sample">
            <input type="checkbox" checked={sampleData} onChange={(event) => setSampleData(event.target.checked)} /> {t('market.withSample')}
          </label>
        )}
      </div>
      <div className="sw-market-act">
        {entry.installed ? (
          <>
            <Chip tone="good">{t('market.installed')}</Chip>
            <LinkButton to={routes.definitions(entry.app)}>{t('build.open')}</LinkButton>
          </>
        ) : (
          <Button kind="primary" icon="download" busy={install.isPending} onClick={() => install.mutate()}>
            {t('market.install')}
          </Button>
        )}
      </div>
    </li>
  );
}
