import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import type { Field, RecordData } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { shownSteps } from './route-steps';
import './route-preview.css';

type Route = Schemas['Route'];

interface RoutePreviewProps {
  app: string;
  form: string;
  record?: string;
  data: RecordData;
  fields: readonly Field[];
}

const pause = 600;

// RoutePreview folds out who will be asked, step by step, with what is filled in so far. It asks only while it is open.
export function RoutePreview({ app, form, record, data, fields }: RoutePreviewProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const [open, setOpen] = useState(false);
  const sent = useSettled(JSON.stringify(data));
  const route = useQuery({
    queryKey: ['route', app, form, record ?? 'new', sent],
    enabled: open,
    placeholderData: (before: Route | undefined) => before,
    queryFn: () => {
      const input = { data: JSON.parse(sent) as Record<string, never> };
      if (record === undefined) return body(api.POST('/apps/{app}/forms/{form}/records/preview', { params: { path: { app, form } }, body: input }));
      return body(api.POST('/apps/{app}/forms/{form}/records/{id}/preview', { params: { path: { app, form, id: record } }, body: input }));
    },
  });
  return (
    <details className="sw-panel sw-fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevronRight" size={16} />
        <span className="sw-fold-title" id={id}>
          {t('route.title')}
        </span>
      </summary>
      {route.isError ? (
        <ErrorState error={route.error} onRetry={() => void route.refetch()} />
      ) : !route.data ? (
        <SkeletonRows rows={3} />
      ) : (
        <Steps route={route.data} fields={fields} labelledBy={id} />
      )}
    </details>
  );
}

export function Steps({ route, fields, labelledBy }: { route: Route; fields: readonly Field[]; labelledBy?: string }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const nameOf = (id: string) => text(route.names[id]) || id;
  const titleOf = (key: string) => text(fields.find((field) => field.key === key)?.title) || key;
  const steps = shownSteps(route.steps);
  if (steps.length === 0) return <p className="sw-help sw-route-none">{t('route.none')}</p>;
  return (
    <ol className="sw-route" aria-labelledby={labelledBy}>
      {steps.map((step, index) => (
        <li key={`${step.block}/${String(index)}`} data-unsure={step.unsure ? '' : undefined} data-open={step.open ? '' : undefined}>
          <span className="sw-route-step">
            <strong>{text(step.title)}</strong>
            {step.open && <Chip tone="teal">{t('route.here')}</Chip>}
            {step.mode && (step.people?.length ?? 0) > 1 && <Chip tone="info">{t(`standing.mode.${step.mode}`)}</Chip>}
            {step.unsure && <Chip tone="warn">{t('route.unsure')}</Chip>}
          </span>
          {(step.people ?? []).map((id) => (
            <PersonName key={id} name={nameOf(id)} size={20} />
          ))}
          {notesOf(step).map((note) => (
            <span key={note} className="sw-help">
              {note}
            </span>
          ))}
        </li>
      ))}
    </ol>
  );

  function notesOf(step: Schemas['RouteStep']): string[] {
    return [
      (step.stands?.length ?? 0) > 0 && t('standing.standIn', { names: (step.stands ?? []).map(({ by }) => nameOf(by)).join(t('log.and')) }),
      step.fallback && t('route.fallback'),
      step.nobody && t('route.nobody'),
      step.passed && t('route.passed'),
      step.choice && (step.choice.picked?.length ?? 0) === 0 && t(step.choice.by === 'applicant' ? 'route.youPick' : 'route.theyPick'),
      (step.needs?.length ?? 0) > 0 && t('route.needs', { fields: (step.needs ?? []).map(titleOf).join(t('log.and')) }),
    ].filter((note): note is string => typeof note === 'string' && note !== '');
  }
}

// useSettled is a text that has not changed for a moment.
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pause);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
