import type { TFunction } from 'i18next';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body, type Schemas } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import type { FormDefinition, JsonSchema } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip, type Tone } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import type { FormView } from './use-form-view';

type Outcome = Schemas['Reassigned']['items'][number];

interface ReassignSheetProps {
  app: string;
  form: string;
  view: FormView;
  ids: readonly string[];
  onDone: () => void; // what was reassigned is no longer chosen
  onClose: () => void;
}

// How many records one request takes.
const partSize = 50;
const nothing = {};
const vars = { record: {}, user: {} };
const tones: Record<Outcome['state'], Tone> = { done: 'good', same: 'plain', failed: 'bad' };

// ReassignSheet gives chosen records to somebody else, or lets the rule decide. It first shows what would be.
export function ReassignSheet({ app, form, view, ids, onDone, onClose }: ReassignSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const queries = useQueryClient();
  const [busy, setBusy] = useState<'try' | 'do'>();
  const [results, setResults] = useState<{ items: Outcome[]; names: Record<string, Text>; tried: boolean }>();
  const [told, setTold] = useState('');
  const asked = useMemo(() => questions(t, text, view), [t, text, view]);
  const base = useMemo(() => ({ how: view.assignment ? '' : 'person' }), [view.assignment]);
  const state = useRecordForm({ app, form: asked, validationSchema: asked.schema, access: nothing, base, rev: 0, vars });
  const host = useApiFieldHost({ app, form: 'reassign', read: () => state });
  const run = async (tried: boolean) => {
    const ready = state.attempt();
    if (!ready || busy) return;
    setBusy(tried ? 'try' : 'do');
    setTold('');
    const found: Outcome[] = [];
    const names: Record<string, Text> = {};
    try {
      for (let at = 0; at < ids.length; at += partSize) {
        const part = ids.slice(at, at + partSize);
        const answer = await body(api.POST('/apps/{app}/forms/{form}/reassign', { params: { path: { app, form } }, body: { ids: part, dryRun: tried, ...wishOf(ready.data) } }));
        found.push(...answer.items);
        Object.assign(names, answer.names);
        setResults({ items: [...found], names, tried });
      }
    } catch (error) {
      // What is done stays done: sending it again goes on with the rest.
      const { title, detail } = asProblem(error);
      setTold([title, detail].filter(Boolean).join(' '));
    } finally {
      setBusy(undefined);
      if (!tried) await Promise.all([['list', app, form], ['records', app, form], ['board', app, form]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    }
  };
  const finished = results !== undefined && !results.tried && busy === undefined && results.items.length === ids.length;
  return (
    <Sheet
      title={t('reassign.title', { count: ids.length })}
      onClose={onClose}
      width={520}
      footer={
        finished ? (
          <Button kind="primary" onClick={onDone}>
            {t('action.done')}
          </Button>
        ) : (
          <>
            <Button busy={busy === 'try'} disabled={busy === 'do'} onClick={() => void run(true)}>
              {t('reassign.try')}
            </Button>
            <Button kind="primary" busy={busy === 'do'} disabled={busy === 'try'} onClick={() => void run(false)}>
              {t('reassign.do')}
            </Button>
          </>
        )
      }
    >
      {!finished && <FormRenderer form={state} host={host} onSubmit={() => void run(true)} />}
      {told && (
        <p className="sw-message" role="alert">
          <Icon name="alert" size={16} /> {told}
        </p>
      )}
      {results && (
        <section aria-live="polite">
          <h3>{t(results.tried ? 'reassign.would' : 'reassign.did', { count: results.items.filter(({ state: one }) => one === 'done').length })}</h3>
          <ul className="sw-reassign">
            {results.items.map((one) => (
              <li key={one.id}>
                <span className="sw-reassign-head">
                  <span className="sw-ellipsis">{one.title ?? one.id}</span>
                  <Chip tone={tones[one.state]}>{t(`reassign.state.${one.state}`)}</Chip>
                </span>
                <span className="sw-help">
                  {one.problem ? one.problem.message : t('reassign.fromTo', { from: nameOf(one.from, results.names, text) || t('pool.title'), to: one.pool ? t('pool.title') : nameOf(one.to, results.names, text) || '—' })}
                </span>
                {one.why && <span className="sw-help">{text(one.why.text)}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Sheet>
  );
}

function nameOf(id: string | undefined, names: Record<string, Text>, text: (words: Text | undefined) => string): string {
  return id ? text(names[id]) || id : '';
}

interface Wish {
  to?: string;
  category?: string;
  reason?: string;
}

const categoryMark = 'category:';

function wishOf(data: Record<string, unknown>): Wish {
  const { how = '', user, reason } = data as { how?: string; user?: string; reason?: string };
  return {
    ...(how === 'person' && user && { to: user }),
    ...(how.startsWith(categoryMark) && { category: how.slice(categoryMark.length) }),
    ...(reason && { reason }),
  };
}

function questions(t: TFunction, text: (words: Text | undefined) => string, view: FormView): FormDefinition {
  const rule = view.assignment;
  const ways = [{ value: 'person', label: t('reassign.person') }];
  if (rule) ways.push({ value: 'rule', label: t('reassign.rule') }, ...rule.categories.map(({ key, title }) => ({ value: categoryMark + key, label: t('reassign.category', { category: text(title) }) })));
  const properties: Record<string, JsonSchema> = {
    how: { 'x-field': 'singleChoice', 'x-title': t('reassign.how'), 'x-options': ways, type: 'string', enum: ways.map(({ value }) => value) },
    user: { 'x-field': 'person', 'x-title': t('reassign.to'), type: 'string', 'x-show': "form.how == 'person'", 'x-require': "form.how == 'person'" },
    reason: { 'x-field': 'text', 'x-title': t('reassign.reason'), type: 'string', maxLength: 500 },
  };
  return { kind: 'form', key: 'reassign', title: '', schema: { type: 'object', properties, required: ['how'] } };
}
