import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import './record.css';

// AwayBanner reminds me that others decide in my place, as long as they do.
export function AwayBanner(): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const text = useText();
  const words = useTimeWords();
  const list = useQuery({ queryKey: ['delegations', 'me'], queryFn: () => body(api.GET('/me/delegations')), staleTime: 60_000 });
  const given = list.data?.items.filter((one) => one.holds && one.from === me.id) ?? [];
  const [first] = given;
  if (!first) return null;
  const names = given.map((one) => text(list.data?.names[one.to]) || one.to).join(t('log.and'));
  return (
    <div className="sw-banner" data-tone="warn" role="status">
      <Icon name="people" />
      <div>{t('delegate.away', { names, until: words.moment(first.endsAt) })}</div>
      <Link to={routes.me}>{t('delegate.change')}</Link>
    </div>
  );
}
