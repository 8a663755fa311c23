import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body, ifMatch, tagged, type Tagged } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { noticeCauses } from '@/shared/definition/notice-causes';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { ErrorState, SkeletonForm } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { usePrefs } from '@/shared/prefs';
import { channelData, channelDraft, channelForm, type ChannelDefinition, type ChannelType } from './channel-form';
import { channelsKey } from './channels-page';

interface ChannelSettingsProps {
  app: string;
  channel: string;
  type: ChannelType;
  fresh?: boolean;
  onSaved: () => void;
}

const access = {};
const vars = { record: {}, user: {} };

// ChannelSettings sets a channel up: what is chosen here is its definition, saved and published in one step.
export function ChannelSettings({ app, channel, type, fresh = false, onSaved }: ChannelSettingsProps): ReactNode {
  const place = { app, kind: 'channel' as const, key: channel };
  const definition = useQuery({
    queryKey: ['draft', app, 'channel', channel],
    queryFn: async (): Promise<Tagged<ChannelDefinition>> => tagged(api.GET('/apps/{app}/definitions/{kind}/{key}', { params: { path: place } })),
    enabled: !fresh,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const secrets = useQuery({ queryKey: ['secrets', app], queryFn: () => body(api.GET('/apps/{app}/secrets', { params: { path: { app } } })), staleTime: 0 });
  const failed = definition.isError ? definition : secrets.isError ? secrets : undefined;
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!secrets.data || (!fresh && !definition.data)) return <SkeletonForm />;
  const names = new Set(secrets.data.items.map(({ name }) => name));
  return <Editor key={definition.data?.etag} app={app} channel={channel} type={type} before={definition.data} names={names} onSaved={onSaved} />;
}

interface EditorProps {
  app: string;
  channel: string;
  type: ChannelType;
  before: Tagged<ChannelDefinition> | undefined;
  names: ReadonlySet<string>;
  onSaved: () => void;
}

function Editor({ app, channel, type, before, names, onSaved }: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const queries = useQueryClient();
  const language = usePrefs((prefs) => prefs.language);
  const form = useMemo(() => channelForm(t, type, channel, names, noticeCauses), [t, type, channel, names]);
  const base = useMemo(
    () => (before ? channelData(before.data, type, text(before.data['title'] as never)) : { title: t(`channels.type.${type}`) }),
    [before, type, text, t],
  );
  // No unsentKey: a secret must not be left lying on this device.
  const state = useRecordForm({ app, form, validationSchema: form.schema, access, base, rev: 0, vars });
  const host = useApiFieldHost({ app, form: 'channel', read: () => state, busy: state.busy });
  const save = useMutation({
    mutationFn: async (data: Record<string, unknown>) => {
      const path = { app, kind: 'channel' as const, key: channel };
      const { definition, secrets } = channelDraft(before?.data ?? {}, type, channel, data, language, names);
      for (const [name, value] of Object.entries(secrets)) {
        await api.PUT('/apps/{app}/secrets/{name}', { params: { path: { app, name } }, body: { value } });
      }
      const saved = await tagged(
        api.PUT('/apps/{app}/definitions/{kind}/{key}', { params: { path, ...(before && { header: ifMatch(before.etag) }) }, body: definition as Record<string, never> }),
      );
      await api.POST('/apps/{app}/definitions/{kind}/{key}/publish', { params: { path, header: ifMatch(saved.etag) }, body: {} });
    },
    onSuccess: () => {
      state.sent();
      toast.good(t('channels.saved'));
      onSaved();
    },
    onError: (error) => {
      const problem = asProblem(error);
      const placed = problem.errors.map((one) => ({ ...one, pointer: one.pointer.replace(new RegExp(`^/${type}/`), '/') }));
      if (placed.length > 0) state.refuse(placed);
      else toast.problem(problem);
    },
    onSettled: () => Promise.all([channelsKey, ['secrets', app], ['draft', app, 'channel', channel], ['definitions', app]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const submit = () => {
    const ready = state.attempt();
    if (ready && !save.isPending) save.mutate(ready.data);
  };
  return (
    <FormRenderer form={state} host={host} onSubmit={submit}>
      <Button kind="primary" busy={save.isPending} onClick={submit}>
        {t('channels.saveAndUse')}
      </Button>
    </FormRenderer>
  );
}
