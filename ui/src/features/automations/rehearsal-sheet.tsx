import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { StepList } from './step-list';
import type { Wording } from './words';

interface RehearsalSheetProps {
  app: string;
  automation: string;
  form: string;
  wording: Wording;
  onClose: () => void;
}

// RehearsalSheet shows what an automation would do with a record, without doing it.
export function RehearsalSheet({ app, automation, form, wording, onClose }: RehearsalSheetProps): ReactNode {
  const { t } = useTranslation();
  const select = useId();
  const [picked, setPicked] = useState<string>();
  const records = useQuery({
    queryKey: ['records', app, form, 'rehearsal'],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}/records', { params: { path: { app, form }, query: { limit: 50 } } })),
  });
  const items = records.data?.items ?? [];
  const record = picked ?? items[0]?.id;
  const rehearse = useMutation({
    mutationFn: (id: string) => body(api.POST('/apps/{app}/automations/{key}/rehearsal', { params: { path: { app, key: automation } }, body: { record: id } })),
  });
  const seen = rehearse.data;
  return (
    <Sheet
      title={t('automation.rehearse')}
      onClose={onClose}
      width={640}
      footer={
        <Button kind="primary" icon="eye" disabled={record === undefined} busy={rehearse.isPending} onClick={() => record !== undefined && rehearse.mutate(record)}>
          {t('automation.rehearseRun')}
        </Button>
      }
    >
      <p className="sw-help">{t('automation.rehearseLead')}</p>
      {records.isError ? (
        <ErrorState error={records.error} onRetry={() => void records.refetch()} />
      ) : !records.data ? (
        <SkeletonRows rows={2} />
      ) : items.length === 0 ? (
        <EmptyState title={t('automation.rehearseNone')} />
      ) : (
        <div className="sw-auto-pick">
          <label htmlFor={select}>{t('automation.rehearseChoose')}</label>
          <select id={select} className="sw-input" value={record} onChange={(event) => setPicked(event.target.value)}>
            {items.map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
          </select>
        </div>
      )}
      {rehearse.isError && <ErrorState error={rehearse.error} />}
      {seen && !seen.holds && <p role="status">{t('automation.rehearseNot')}</p>}
      {seen?.holds && (
        <div role="status">
          <StepList app={app} steps={seen.steps} wording={wording} real={false} />
          {seen.error && <p className="sw-auto-error">{t('automation.rehearseFails', { why: wording.text(seen.error) })}</p>}
          {seen.open && <p>{t('automation.rehearseOpen')}</p>}
          {seen.assumed && <p className="sw-help">{t('automation.rehearseAssumed')}</p>}
        </div>
      )}
    </Sheet>
  );
}
