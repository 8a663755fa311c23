import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import type { Field } from '@/shared/definition/form';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Button } from '@/shared/kit/button';
import { Chip, type Tone } from '@/shared/kit/chip';
import { Sheet } from '@/shared/kit/sheet';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { QuickLinkAsk } from './quick-link-ask';
import './quick-links.css';

type QuickLink = Schemas['QuickLink'];

interface QuickLinksSheetProps {
  app: string;
  form: string;
  id: string;
  fields: readonly Field[];
  // askable are the fields that may be asked for now; missing are those that are still empty.
  askable: readonly Field[];
  missing: readonly Field[];
  onClose: () => void;
}

// QuickLinksSheet asks a colleague for fields of a record, and shows what was asked of whom.
export function QuickLinksSheet({ app, form, id, fields, askable, missing, onClose }: QuickLinksSheetProps): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(askable.length > 0);
  const path = { app, form, id };
  const queryKey = ['records', app, form, id, 'quick-links'];
  const links = useQuery({ queryKey, queryFn: () => body(api.GET('/apps/{app}/forms/{form}/records/{id}/quick-links', { params: { path } })) });
  const refresh = () => void queries.invalidateQueries({ queryKey });
  if (asking) {
    return (
      <QuickLinkAsk
        path={path}
        askable={askable}
        missing={missing}
        onAsked={() => {
          refresh();
          setAsking(false);
        }}
        onClose={onClose}
      />
    );
  }
  return (
    <Sheet
      title={t('quick.links')}
      width={480}
      onClose={onClose}
      footer={
        askable.length > 0 && (
          <Button kind="primary" icon="plus" onClick={() => setAsking(true)}>
            {t('quick.askSomebody')}
          </Button>
        )
      }
    >
      {links.isError && !links.data && <ErrorState error={links.error} onRetry={() => void links.refetch()} />}
      {links.isPending && <SkeletonRows rows={3} />}
      {links.data?.items.length === 0 && <EmptyState icon="mail" title={t('quick.none')} text={t('quick.noneText')} />}
      <ul className="sw-quick-links">
        {links.data?.items.map((link) => (
          <Line key={link.id} link={link} names={links.data.names} fields={fields} path={path} onEnded={refresh} />
        ))}
      </ul>
    </Sheet>
  );
}

const tones: Record<QuickLink['state'], Tone> = { open: 'teal', used: 'good', expired: 'plain', revoked: 'plain' };

interface LineProps {
  link: QuickLink;
  names: Schemas['Record']['names'];
  fields: readonly Field[];
  path: { app: string; form: string; id: string };
  onEnded: () => void;
}

function Line({ link, names, fields, path, onEnded }: LineProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const revoke = useMutation({
    mutationFn: () => api.DELETE('/apps/{app}/forms/{form}/records/{id}/quick-links/{link}', { params: { path: { ...path, link: link.id } } }),
    onSuccess: () => {
      toast.good(t('quick.revoked'));
      onEnded();
    },
    onError: (error) => toast.problem(error),
  });
  const copy = async (address: string) => {
    await navigator.clipboard.writeText(address);
    toast.good(t('quick.copied'));
  };
  const nameOf = (id: string) => text(names?.[id]) || id;
  const asks = link.fields.map((key) => text(fields.find((field) => field.key === key)?.title) || key).join(t('log.and'));
  const when = link.state === 'used' && link.usedAt ? t('quick.sentAt', { when: words.moment(link.usedAt) }) : t('quick.until', { when: words.moment(link.expiresAt) });
  return (
    <li>
      <div className="sw-quick-links-head">
        <PersonName name={nameOf(link.user)} size={20} />
        <Chip tone={tones[link.state]}>{t(`quick.state.${link.state}`)}</Chip>
      </div>
      <p>{asks || text(link.step)}</p>
      {link.note && <p className="sw-help">{link.note}</p>}
      <p className="sw-help">
        {when} · {link.madeBy ? t('quick.by', { name: nameOf(link.madeBy) }) : t('quick.byFlow')}
      </p>
      {link.state === 'open' && (link.path !== undefined || link.revocable) && (
        <div className="sw-quick-links-actions">
          {link.path !== undefined && (
            <Button size="small" icon="link" onClick={() => void copy(window.location.origin + (link.path ?? ''))}>
              {t('quick.copy')}
            </Button>
          )}
          {link.revocable && (
            <Button size="small" busy={revoke.isPending} onClick={() => revoke.mutate()}>
              {t('quick.revoke')}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
