import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { useConfirm } from '@/shared/kit/confirm';
import { toast } from '@/shared/kit/toast';
import type { RecordView } from './record-view';

interface RecordButtonsProps {
  record: Pick<RecordView, 'app' | 'form' | 'id' | 'rev'>;
}

// RecordButtons are the automations that the reader may set off on a record.
export function RecordButtons({ record: { app, form, id, rev } }: RecordButtonsProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const ask = useConfirm();
  const queries = useQueryClient();
  const place = { app, form, id };
  const buttons = useQuery({
    // With its revision: what is possible depends on the data.
    queryKey: ['records', app, form, id, 'buttons', rev],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}/records/{id}/automations', { params: { path: place } })),
    staleTime: 60_000,
  });
  const press = useMutation({
    mutationFn: ({ key }: { key: string; label: string }) => body(api.POST('/apps/{app}/forms/{form}/records/{id}/automations/{key}', { params: { path: { ...place, key } } })),
    onSuccess: (_, { label }) => {
      toast.good(t('automation.pressed', { label }));
      return queries.invalidateQueries({ queryKey: ['records', app, form, id] });
    },
    onError: toast.problem,
  });
  const items = buttons.data?.items ?? [];
  if (items.length === 0) return null;
  const begin = async (key: string, label: string, help: string) => {
    if (await ask({ title: t('automation.confirm', { label }), text: help, action: label })) press.mutate({ key, label });
  };
  return (
    <div className="sw-record-buttons" role="group" aria-label={t('automation.button')}>
      {items.map((one) => {
        const label = text(one.label);
        return (
          <Button key={one.key} size="small" icon="refresh" busy={press.isPending && press.variables.key === one.key} onClick={() => void begin(one.key, label, text(one.help))}>
            {label}
          </Button>
        );
      })}
    </div>
  );
}
