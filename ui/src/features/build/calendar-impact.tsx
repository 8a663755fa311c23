import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import type { DefinitionPlace } from './definition-page';

// CalendarImpact says which deadlines move when the draft of a calendar is published.
export function CalendarImpact({ place }: { place: DefinitionPlace }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const impact = useQuery({
    queryKey: ['impact', place.app, place.key],
    queryFn: () => body(api.GET('/apps/{app}/definitions/{kind}/{key}/impact', { params: { path: place } })),
    staleTime: 0,
    gcTime: 0,
  });
  if (impact.isError) return <ErrorState error={impact.error} onRetry={() => void impact.refetch()} />;
  if (!impact.data) return <SkeletonRows rows={3} />;
  const { items, counts, more } = impact.data;
  return (
    <section className="sw-impact" aria-label={t('impact.title')}>
      <p role="status">
        <strong>{counts.moves === 0 ? t('impact.none') : t('impact.moves', { count: counts.moves })}</strong>{' '}
        {[counts.fails > 0 && t('impact.fails', { count: counts.fails }), counts.frozen > 0 && t('impact.frozen', { count: counts.frozen }), more && t('impact.more')].filter(Boolean).join(' ')}
      </p>
      <ul>
        {items.map((item) => (
          <li key={`${item.record}/${item.block}/${item.from}`}>
            <Link to={routes.record(item.app, item.form, item.record)} className="sw-ellipsis">
              {item.title || item.record}
            </Link>
            <span className="sw-help">
              {text(item.blockTitle)} · {words.moment(item.from)} <Icon name="arrowRight" size={12} /> {item.outcome === 'fails' ? t('impact.failed') : words.moment(item.to)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
