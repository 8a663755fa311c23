import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { noticeCauses, type NoticeCause } from '@/shared/definition/notice-causes';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { QuietHours } from './quiet-hours';

type Preferences = Schemas['NoticePreferences'];
type Choice = Schemas['NoticeChoice'];

const key = ['me', 'notice-preferences'];
const none: Record<string, Choice> = {};
const first = 7; // causes that are shown at once
const choices: readonly Choice[] = ['on', 'digest', 'off'];

// NoticesPanel is what a person wants to be told by which channel, and when they want peace. The inbox keeps everything.
export function NoticesPanel(): ReactNode {
  const { t } = useTranslation();
  const preferences = useQuery({ queryKey: key, queryFn: () => body(api.GET('/me/notice-preferences')), staleTime: 60_000 });
  return (
    <section className="sw-panel" aria-labelledby="me-notices">
      <div className="sw-panel-head">
        <h2 id="me-notices">{t('me.notices')}</h2>
      </div>
      {preferences.isError && !preferences.data ? (
        <ErrorState error={preferences.error} onRetry={() => void preferences.refetch()} />
      ) : !preferences.data ? (
        <SkeletonRows rows={4} />
      ) : (
        <Editor key={JSON.stringify(preferences.data)} kept={preferences.data} />
      )}
    </section>
  );
}

function Editor({ kept }: { kept: Preferences }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const id = useId();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(kept.choices);
  const [quiet, setQuiet] = useState(kept.quiet);
  const [digestAt, setDigestAt] = useState(kept.digestAt);
  // What somebody has chosen is never hidden.
  const [all, setAll] = useState(false);
  const shown = noticeCauses.filter((cause, at) => kept.causes.includes(cause) && (all || at < first || kept.choices[cause] !== undefined));
  const save = useMutation({
    mutationFn: () => body(api.PUT('/me/notice-preferences', { body: { choices: chosen, quiet, digestAt } })),
    onSuccess: (next) => {
      queries.setQueryData(key, next);
      toast.good(t('me.noticesSaved'));
    },
  });
  const problem = save.error && asProblem(save.error);
  const dirty = JSON.stringify([chosen, quiet, digestAt]) !== JSON.stringify([kept.choices, kept.quiet, kept.digestAt]);
  const choose = (cause: string, channel: string, choice: Choice) => setChosen((before) => ({ ...before, [cause]: { ...before[cause], [channel]: choice } }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isPending) save.mutate();
      }}
    >
      <p className="sw-me-lead">{t('me.noticesLead')}</p>
      <div className="sw-me-table" style={{ '--channels': kept.channels.length } as React.CSSProperties} role="table" aria-labelledby="me-notices">
        <div role="row" className="sw-me-table-head">
          <span role="columnheader">{t('me.noticesWhen')}</span>
          {kept.channels.map((channel) => (
            <span key={channel.key} role="columnheader" id={id + channel.key}>
              {text(channel.title)}
              <small>{channel.contact ?? t('me.noContact')}</small>
            </span>
          ))}
        </div>
        {shown.map((cause) => (
          <Row key={cause} cause={cause} id={id} channels={kept.channels} chosen={chosen[cause] ?? none} onChoose={(channel, choice) => choose(cause, channel, choice)} />
        ))}
      </div>
      {!all && (
        <div className="sw-me-row">
          <Button kind="link" onClick={() => setAll(true)}>
            {t('me.noticesMore', { count: noticeCauses.length - shown.length })}
          </Button>
        </div>
      )}
      <QuietHours quiet={quiet} onQuiet={setQuiet} digestAt={digestAt} onDigest={setDigestAt} zone={kept.zone} />
      {problem && (
        <p className="sw-message sw-me-problem" role="alert">
          {problem.errors[0]?.message ?? problem.title}
        </p>
      )}
      <div className="sw-me-row">
        <Button type="submit" kind="primary" busy={save.isPending} disabled={!dirty}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}

interface RowProps {
  cause: NoticeCause;
  id: string;
  channels: Preferences['channels'];
  chosen: Record<string, Choice>;
  onChoose: (channel: string, choice: Choice) => void;
}

function Row({ cause, id, channels, chosen, onChoose }: RowProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  return (
    <div role="row">
      <span role="rowheader" id={id + cause}>
        {t(`channels.cause.${cause}`)}
      </span>
      {channels.map((channel) => (
        <span key={channel.key} role="cell" data-channel={text(channel.title)}>
          <select
            className="sw-input"
            aria-labelledby={`${id + cause} ${id + channel.key}`}
            value={chosen[channel.key] ?? 'on'}
            onChange={(event) => onChoose(channel.key, event.target.value as Choice)}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {t(`me.choice.${choice}`)}
              </option>
            ))}
          </select>
        </span>
      ))}
    </div>
  );
}
