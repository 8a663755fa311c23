import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { useConfirm } from '@/shared/kit/confirm';
import { Sheet } from '@/shared/kit/sheet';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import type { DefinitionPlace } from './definition-page';
import { printDefinition } from './definition-text';

export interface VersionsSheetProps {
  place: DefinitionPlace;
  current: number | undefined; // the version in force
  mayRestore: boolean;
  onRestored: () => void;
  onClose: () => void;
}

// VersionsSheet is every version that was ever in force. None is lost: an old one comes back as a new one.
export function VersionsSheet({ place, current, mayRestore, onRestored, onClose }: VersionsSheetProps): ReactNode {
  const { t } = useTranslation();
  const ask = useConfirm();
  const queries = useQueryClient();
  const [seen, setSeen] = useState<number>();
  const versions = useQuery({
    queryKey: ['versions', place.app, place.kind, place.key],
    queryFn: () => body(api.GET('/apps/{app}/definitions/{kind}/{key}/versions', { params: { path: place } })),
  });
  const restore = useMutation({
    mutationFn: (number: number) => body(api.POST('/apps/{app}/definitions/{kind}/{key}/versions/{number}/restore', { params: { path: { ...place, number } } })),
    onSuccess: async ({ number }) => {
      toast.good(t('build.published', { number }));
      await Promise.all(['versions', 'definitions', 'forms', 'apps'].map((first) => queries.invalidateQueries({ queryKey: [first] })));
      onClose();
      onRestored();
    },
    onError: toast.problem,
  });
  const confirm = async (number: number) => {
    const yes = await ask({ title: t('build.restoreTitle', { number }), text: t('build.restoreText'), action: t('build.restore') });
    if (yes) restore.mutate(number);
  };
  return (
    <Sheet title={t('build.versions')} onClose={onClose} width={640}>
      {versions.isError ? (
        <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />
      ) : !versions.data ? (
        <SkeletonRows rows={3} />
      ) : versions.data.items.length === 0 ? (
        <EmptyState icon="history" title={t('build.noVersions')} />
      ) : (
        <ul className="sw-versions">
          {versions.data.items.map((version) => (
            <Version key={version.number} version={version} inForce={version.number === current} open={seen === version.number} place={place} onToggle={() => setSeen(seen === version.number ? undefined : version.number)}>
              {mayRestore && version.number !== current && (
                <Button size="small" icon="undo" busy={restore.isPending && restore.variables === version.number} onClick={() => void confirm(version.number)}>
                  {t('build.restore')}
                </Button>
              )}
            </Version>
          ))}
        </ul>
      )}
    </Sheet>
  );
}

interface VersionProps {
  version: Schemas['Version'];
  inForce: boolean;
  open: boolean;
  place: DefinitionPlace;
  onToggle: () => void;
  children: ReactNode;
}

function Version({ version, inForce, open, place, onToggle, children }: VersionProps): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  return (
    <li>
      <div className="sw-version">
        <span className="sw-version-what">
          <strong>{t('build.version', { number: version.number })}</strong> {inForce && <Chip tone="good">{t('build.inForce')}</Chip>}
          <time dateTime={version.publishedAt} title={words.dateTime(version.publishedAt)}>
            {words.moment(version.publishedAt)}
          </time>
          {version.note && <span>{version.note}</span>}
        </span>
        <Button size="small" icon="eye" aria-expanded={open} onClick={onToggle}>
          {t('build.view')}
        </Button>
        {children}
      </div>
      {open && <VersionText place={place} number={version.number} />}
    </li>
  );
}

function VersionText({ place, number }: { place: DefinitionPlace; number: number }): ReactNode {
  const document = useQuery({
    queryKey: ['versions', place.app, place.kind, place.key, number],
    queryFn: () => body(api.GET('/apps/{app}/definitions/{kind}/{key}/versions/{number}', { params: { path: { ...place, number } } })),
    staleTime: Infinity, // a published version never changes
  });
  if (document.isError) return <ErrorState error={document.error} onRetry={() => void document.refetch()} />;
  if (!document.data) return <SkeletonRows rows={3} />;
  return <pre className="sw-version-text">{printDefinition(document.data)}</pre>;
}
