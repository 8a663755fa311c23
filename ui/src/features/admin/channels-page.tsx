import { useQuery } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip, type Tone } from '@/shared/kit/chip';
import { Icon, type IconName } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import './admin.css';
import { AddChannelSheet } from './add-channel-sheet';
import { ChannelSheet } from './channel-sheet';
import './channels.css';

export type Report = Schemas['ChannelReport'];

export const channelsKey = ['admin', 'channels'];

export const stateTones: Record<Report['state'], Tone> = { ready: 'good', paused: 'warn', trying: 'warn', broken: 'bad', notSetUp: 'plain' };
const icons: Partial<Record<string, IconName>> = { email: 'mail', webhook: 'external', wecom: 'person' };
const adding = 'new';

// ChannelsPage is every way by which messages leave, and how it is doing.
export function ChannelsPage(): ReactNode {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const channels = useQuery({ queryKey: channelsKey, queryFn: () => body(api.GET('/admin/channels')), refetchInterval: 15_000 });
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')) });
  const mine = apps.data?.items.filter((app) => app.permissions.includes('publish')) ?? [];
  const items = channels.data?.items ?? [];
  const open = params.get('channel') ?? undefined;
  const show = (channel: string | undefined) => setParams(channel === undefined ? {} : { channel });
  const chosen = items.find((item) => item.id === open);
  const designed = apps.data?.items.filter((app) => app.permissions.includes('design')) ?? [];
  const wordsOf = ({ app }: Report) => (app === undefined ? designed[0] : designed.find(({ key }) => key === app))?.key;
  return (
    <div className="sw-page">
      <PageTitle title={t('nav.channels')} />
      <header className="sw-page-head">
        <h1>{t('nav.channels')}</h1>
        {mine.length > 0 && (
          <Button kind="primary" icon="plus" onClick={() => show(adding)}>
            {t('channels.add')}
          </Button>
        )}
      </header>
      <p className="sw-admin-lead">{t('channels.lead')}</p>
      <div className="sw-panel">
        {channels.isError && !channels.data ? (
          <ErrorState error={channels.error} onRetry={() => void channels.refetch()} />
        ) : !channels.data ? (
          <SkeletonRows />
        ) : items.length === 0 ? (
          <EmptyState icon="bell" title={t('channels.none')} />
        ) : (
          <ul>
            {items.map((item) => (
              <li key={item.id}>
                <Row item={item} onOpen={() => show(item.id)} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {open === adding && <AddChannelSheet apps={mine} channels={items} onMade={show} onClose={() => show(undefined)} />}
      {chosen && <ChannelSheet key={chosen.id} report={chosen} editable={mine.some((app) => app.key === chosen.app)} wordsOf={wordsOf(chosen)} onClose={() => show(undefined)} />}
    </div>
  );
}

function Row({ item, onOpen }: { item: Report; onOpen: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const counts = (['waiting', 'held', 'dead', 'expired', 'noContact'] as const).filter((key) => item[key] > 0);
  return (
    <button type="button" className="sw-channel-row" onClick={onOpen}>
      <span className="sw-channel-sign">
        <Icon name={icons[item.type] ?? 'people'} />
      </span>
      <span className="sw-channel-what">
        <span className="sw-channel-name">
          <span className="sw-ellipsis">{text(item.title)}</span>
          <Chip tone={stateTones[item.state]}>{t(`channels.state.${item.state}`)}</Chip>
        </span>
        <span className="sw-admin-note sw-ellipsis">{[t(`channels.type.${item.type}`), text(item.appTitle) || t('channels.server')].join(' · ')}</span>
        {item.why && <span className="sw-channel-why sw-ellipsis">{item.why}</span>}
        {item.state === 'broken' && item.lastError && <span className="sw-admin-why sw-ellipsis">{item.lastError}</span>}
      </span>
      <span className="sw-channel-counts">
        {counts.map((key) => (
          <Chip key={key} tone={key === 'waiting' ? 'info' : key === 'dead' ? 'bad' : 'warn'}>
            {t(`channels.count.${key}`, { count: item[key] })}
          </Chip>
        ))}
        {counts.length === 0 && <span className="sw-admin-note">{item.lastSentAt ? t('channels.lastSent', { when: words.ago(item.lastSentAt) }) : t('channels.nothing')}</span>}
      </span>
      <Icon name="chevronRight" />
    </button>
  );
}
