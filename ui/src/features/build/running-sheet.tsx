import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import type { DefinitionPlace } from './definition-page';

interface RunningSheetProps {
  place: DefinitionPlace;
  form: string; // whose records walk the flow
  current: number | undefined; // the version in force
  onClose: () => void;
}

const most = 200;

// RunningSheet lists the records that still walk older versions of a flow, by step, and moves those that are chosen.
export function RunningSheet({ place, form, current, onClose }: RunningSheetProps): ReactNode {
  const { t } = useTranslation();
  const running = useQuery({
    queryKey: ['running', place.app, place.key],
    queryFn: () => body(api.GET('/apps/{app}/definitions/{kind}/{key}/running', { params: { path: place } })),
  });
  const older = (running.data?.items ?? []).filter(({ version }) => version !== current);
  const newest = running.data?.items.find(({ version }) => version === current)?.records ?? 0;
  return (
    <Sheet title={t('running.title')} onClose={onClose} width={560}>
      {running.isError ? (
        <ErrorState error={running.error} onRetry={() => void running.refetch()} />
      ) : !running.data ? (
        <SkeletonRows rows={3} />
      ) : (
        <div className="sw-running">
          <p className="sw-help">{t('running.newest', { count: newest })}</p>
          {older.length === 0 && <EmptyState icon="check" title={t('running.none')} />}
          {older.map(({ version, records }) => (
            <Older key={version} place={place} form={form} version={version} count={records} />
          ))}
        </div>
      )}
    </Sheet>
  );
}

type Outcome = 'moved' | string; // or why not

function Older({ place, form, version, count }: { place: DefinitionPlace; form: string; version: number; count: number }): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({});
  const filter = JSON.stringify({ 'state.flow': place.key, 'state.version': version, status: 'running' });
  const list = useQuery({
    queryKey: ['records', place.app, form, 'running', version],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}/records', { params: { path: { app: place.app, form }, query: { filter, limit: most, sort: '-updatedAt' } } })),
  });
  const move = useMutation({
    mutationFn: async () => {
      for (const id of chosen) {
        const outcome = await moved(place.app, form, id);
        setOutcomes((have) => ({ ...have, [id]: outcome }));
      }
      setChosen([]);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['running', place.app, place.key] }),
  });
  const items = list.data?.items ?? [];
  return (
    <section aria-label={t('running.version', { version, count })}>
      <div className="sw-panel-head">
        <h3>{t('running.version', { version, count })}</h3>
        <Button size="small" onClick={() => setChosen(chosen.length === items.length ? [] : items.map(({ id }) => id))}>
          {t('tasks.chooseAll')}
        </Button>
        <Button size="small" kind="primary" busy={move.isPending} disabled={chosen.length === 0} onClick={() => move.mutate()}>
          {t('running.move', { count: chosen.length })}
        </Button>
      </div>
      {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      <ul>
        {byStage(items).map((record) => (
          <li key={record.id}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(record.id)}
                onChange={(event) => setChosen(event.target.checked ? [...chosen, record.id] : chosen.filter((id) => id !== record.id))}
              />
              <span className="sw-ellipsis">{record.title || record.id}</span>
            </label>
            <span className="sw-help">{record.stage}</span>
            <Link to={routes.record(record.app, record.form, record.id)} aria-label={t('running.open', { title: record.title })}>
              <Icon name="chevronRight" size={16} />
            </Link>
            {outcomes[record.id] !== undefined && <span className={outcomes[record.id] === 'moved' ? 'sw-help' : 'sw-message'}>{outcomes[record.id] === 'moved' ? t('running.moved') : outcomes[record.id]}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

async function moved(app: string, form: string, id: string): Promise<Outcome> {
  try {
    await api.POST('/apps/{app}/forms/{form}/records/{id}/commands', { params: { path: { app, form, id } }, body: { command: 'migrate' } });
    return 'moved';
  } catch (error) {
    const problem = asProblem(error);
    return [problem.title, ...problem.errors.map(({ message }) => message)].join(' ');
  }
}

// byStage puts records that stand at the same step together.
export function byStage(items: readonly Schemas['RecordSummary'][]): Schemas['RecordSummary'][] {
  return [...items].sort((a, b) => (a.stage ?? '').localeCompare(b.stage ?? ''));
}
