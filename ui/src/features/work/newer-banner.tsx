import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isEmpty } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import { same } from '@/features/form/model';
import type { RecordForm } from '@/features/form/use-record-form';
import { api, body } from '@/shared/client/client';
import type { Field, RecordData } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import './newer-banner.css';
import type { RecordView } from './record-view';

interface NewerBannerProps {
  held: RecordView; // what is being edited
  latest: RecordView; // what others have made of it meanwhile
  state: RecordForm;
  onTake: () => void;
}

// NewerBanner says who changed what while this was being edited, and lets its reader keep what they typed or take what is
// there. What only one side changed stays in either case.
export function NewerBanner({ held, latest, state, onTake }: NewerBannerProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { app, form, id, rev } = latest;
  const last = useQuery({
    queryKey: ['actions', app, form, id, 'last', rev],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}/records/{id}/actions', { params: { path: { app, form, id }, query: { limit: 1 } } })),
  }).data;
  const by = last?.items[0]?.by;
  const who = (by && text(last.names?.[by])) || t('record.somebody');
  const theirs = latest.data as RecordData;
  const changed = state.fields.filter(({ key }) => !same(theirs[key] ?? null, (held.data as RecordData)[key] ?? null));
  const both = changed.filter(({ key }) => !same(state.values[key] ?? null, (held.data as RecordData)[key] ?? null) && !same(state.values[key] ?? null, theirs[key] ?? null));
  const settle = (take: boolean) => {
    for (const { key } of both) state.set(key, take ? theirs[key] : state.values[key]);
    onTake();
  };
  const names = changed.map(({ title }) => text(title)).join(t('record.listComma'));
  return (
    <div className="sw-banner" data-tone="warn" role="status">
      <Icon name="refresh" />
      <div>
        <strong>{names ? t('record.changedBy', { who, fields: names }) : t('record.movedBy', { who })}</strong>
        {both.length > 0 && (
          <ul className="sw-newer">
            {both.map((field) => (
              <li key={field.key}>
                {text(field.title)}: <Side field={field} label={t('record.theirs')} value={theirs[field.key]} /> <Side field={field} label={t('record.mine')} value={state.values[field.key]} />
              </li>
            ))}
          </ul>
        )}
        <p className="sw-newer-do">
          <Button size="small" kind="primary" onClick={() => settle(false)}>
            {t('record.keepMine')}
          </Button>
          {both.length > 0 && (
            <Button size="small" onClick={() => settle(true)}>
              {t('record.takeTheirs')}
            </Button>
          )}
        </p>
      </div>
    </div>
  );
}

function Side({ field, label, value }: { field: Field; label: string; value: unknown }): ReactNode {
  const { Cell } = kindOf(field);
  return (
    <span className="sw-newer-side">
      {label} {isEmpty(value) ? '—' : <Cell field={field} value={value} />}
    </span>
  );
}
