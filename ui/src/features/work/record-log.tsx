import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldHostContext } from '@/fields/host';
import { isEmpty } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { api, body, type Schemas } from '@/shared/client/client';
import type { Field } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { Timeline } from '@/shared/kit/timeline';
import { endingOf, eventLines, lookOf, sentenceOf, type Action, type ActionWording } from './action-words';
import './record-log.css';
import type { FormView, RecordView } from './record-view';

const pageSize = 30;
const shownChanges = 4;

interface RecordLogProps {
  record: Pick<RecordView, 'id' | 'app' | 'form'>;
  fields: readonly Field[];
  outcomes: FormView['outcomes'];
}

// RecordLog is everything that happened to a record, newest first.
export function RecordLog({ record: { app, form, id }, fields, outcomes }: RecordLogProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const log = useInfiniteQuery({
    queryKey: ['actions', app, form, id],
    queryFn: ({ pageParam }) =>
      body(api.GET('/apps/{app}/forms/{form}/records/{id}/actions', { params: { path: { app, form, id }, query: { limit: pageSize, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
  const names = useMemo(() => Object.assign({}, ...(log.data?.pages ?? []).map((page) => page.names ?? {})) as Record<string, Text>, [log.data]);
  const host = useApiFieldHost({ app, form, record: id, names });
  if (log.isError) return <ErrorState error={log.error} onRetry={() => void log.refetch()} />;
  if (!log.data) return <SkeletonRows rows={4} />;
  const actions = log.data.pages.flatMap((page) => page.items);
  if (actions.length === 0) return <EmptyState icon="history" title={t('log.none')} />;
  const wording: ActionWording = {
    t,
    text,
    names,
    moment: words.moment,
    outcome: (key) => text(outcomes?.find((one) => one.key === key)?.label) || key,
  };
  const entries = actions.map((action) => ({
    id: action.id,
    at: action.at,
    ...lookOf(action),
    title: <Title action={action} wording={wording} />,
    body: <Details action={action} wording={wording} fields={fields} />,
  }));
  return (
    <FieldHostContext value={host}>
      <Timeline entries={entries} />
      {log.hasNextPage && (
        <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {t('log.more')}
        </Button>
      )}
    </FieldHostContext>
  );
}

function Title({ action, wording }: { action: Action; wording: ActionWording }): ReactNode {
  const { t } = useTranslation();
  const { via = '', lender } = action;
  const ending = endingOf(action);
  return (
    <>
      <span className="sw-log-title">{sentenceOf(action, wording)}</span>
      {ending && <Chip tone={ending.tone}>{t(`log.ended.${ending.key}`)}</Chip>}
      {action.automation && <span className="sw-help">{t('log.byAutomation', { title: wording.text(action.automation.title) })}</span>}
      {(via === 'api' || via === 'sample' || via === 'quickLink') && <span className="sw-help">{t(`log.via.${via}`)}</span>}
      {lender !== undefined && <span className="sw-help">{t('log.lent', { who: wording.text(wording.names[lender]) || lender })}</span>}
    </>
  );
}

function Details({ action, wording, fields }: { action: Action; wording: ActionWording; fields: readonly Field[] }): ReactNode {
  const { t } = useTranslation();
  const { changes = [], reason, comment } = action;
  const lines = [...(action.assignment ? [wording.text(action.assignment.text)] : []), ...eventLines(action, wording)];
  const list = (
    <ul className="sw-log-changes">
      {changes.map((change) => (
        <li key={change.field}>
          <Change change={change} field={fields.find(({ key }) => key === change.field)} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {[comment, reason].filter(Boolean).map((said) => (
        <blockquote key={said} className="sw-log-said">
          {said}
        </blockquote>
      ))}
      {lines.length > 0 && (
        <ul className="sw-log-events">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {changes.length > shownChanges ? (
        <details className="sw-log-fold">
          <summary>{t('log.changes', { count: changes.length })}</summary>
          {list}
        </details>
      ) : (
        changes.length > 0 && list
      )}
    </>
  );
}

// Change is one field before and after. A field that the form no longer has is shown as it was stored.
function Change({ change, field }: { change: Schemas['FieldChange']; field: Field | undefined }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { before, after, title } = change;
  return (
    <>
      {t('log.from', { field: text(title) || change.field })}
      {!isEmpty(before) && (
        <>
          <del>
            <Value value={before} field={field} />
          </del>
          <Icon name="arrowRight" size={14} />
          <span className="sw-visually-hidden">{t('log.before')}</span>
        </>
      )}
      <ins>
        <Value value={after} field={field} />
      </ins>
    </>
  );
}

function Value({ value, field }: { value: unknown; field: Field | undefined }): ReactNode {
  const { t } = useTranslation();
  if (isEmpty(value)) return t('form.nothing');
  if (!field) return typeof value === 'string' ? value : JSON.stringify(value);
  const { Cell } = kindOf(field);
  return <Cell field={field} value={value} />;
}
