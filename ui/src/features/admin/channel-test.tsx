import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body } from '@/shared/client/client';
import type { FormDefinition } from '@/shared/definition/form';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { toast } from '@/shared/kit/toast';
import { useMe } from '@/shared/session';
import { channelsKey } from './channels-page';

const access = {};
const vars = { record: {}, user: {} };

// ChannelTest really sends a message to somebody and says in words how it went.
export function ChannelTest({ channel }: { channel: string }): ReactNode {
  const { t } = useTranslation();
  const me = useMe().id;
  const queries = useQueryClient();
  const form = useMemo<FormDefinition>(
    () => ({
      kind: 'form',
      key: 'test',
      title: t('channels.test'),
      layout: [{ key: 'to', fields: ['to'] }],
      schema: { type: 'object', required: ['to'], properties: { to: { 'x-field': 'person', 'x-title': t('channels.testTo'), type: 'string' } } },
    }),
    [t],
  );
  const base = useMemo(() => ({ to: me }), [me]);
  const state = useRecordForm({ app: '', form, validationSchema: form.schema, access, base, rev: 0, vars });
  const host = useApiFieldHost({ app: '', form: 'test', read: () => state, busy: state.busy });
  const test = useMutation({
    mutationFn: (to: string) => body(api.POST('/admin/channels/{key}/test', { params: { path: { key: channel } }, body: { to } })),
    onError: toast.problem,
    onSettled: () => queries.invalidateQueries({ queryKey: channelsKey }),
  });
  const submit = () => {
    const ready = state.attempt();
    if (ready && !test.isPending) test.mutate(String(ready.data['to']));
  };
  return (
    <section className="sw-channel-test">
      <h3>{t('channels.test')}</h3>
      <FormRenderer form={state} host={host} onSubmit={submit}>
        <Button busy={test.isPending} onClick={submit}>
          {t('channels.testSend')}
        </Button>
      </FormRenderer>
      {test.data && (
        <p className="sw-channel-outcome" data-outcome={test.data.outcome} role="status">
          <Icon name={test.data.outcome === 'sent' ? 'check' : 'alert'} size={16} />
          <span>{test.data.message}</span>
        </p>
      )}
    </section>
  );
}
