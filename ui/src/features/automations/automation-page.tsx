import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button, LinkButton } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { ErrorState, SkeletonPage } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import './automations.css';
import { BlockList, ruleText, type Block } from './block-list';
import { HookPanel } from './hook-panel';
import { RehearsalSheet } from './rehearsal-sheet';
import { RunList } from './run-list';
import { RunSheet } from './run-sheet';
import { useWording } from './use-wording';
import { triggerWords } from './words';

type Definition = { when?: string | { cel: string }; blocks?: Block[] };

// AutomationPage reads an automation in words: what sets it off, what it does, and how its runs went.
export function AutomationPage(): ReactNode {
  const { app = '', key = '' } = useParams();
  const one = useQuery({
    queryKey: ['automations', app, key],
    queryFn: () => body(api.GET('/apps/{app}/automations/{key}', { params: { path: { app, key } } })),
  });
  if (one.isError) return <ErrorState error={one.error} onRetry={() => void one.refetch()} />;
  if (!one.data) return <SkeletonPage />;
  return <Loaded key={`${app}/${key}`} app={app} item={one.data} />;
}

function Loaded({ app, item }: { app: string; item: Schemas['OneAutomation'] }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const queries = useQueryClient();
  const wording = useWording(app, item.form);
  const [search, setSearch] = useSearchParams();
  const [trying, setTrying] = useState(false);
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')) });
  const mayPublish = apps.data?.items.find((one) => one.key === app)?.permissions.includes('publish') === true;
  const run = search.get('run');
  const open = (id?: string) => setSearch(id === undefined ? {} : { run: id }, { replace: true });
  const path = { app, key: item.key };
  const turn = useMutation({
    mutationFn: () =>
      body(item.paused ? api.POST('/apps/{app}/automations/{key}/resume', { params: { path } }) : api.POST('/apps/{app}/automations/{key}/pause', { params: { path } })),
    onError: toast.problem,
    onSettled: () => queries.invalidateQueries({ queryKey: ['automations', app] }),
  });
  const definition = item.definition as Definition;
  const rule = ruleText(definition.when);
  return (
    <div className="sw-page">
      <PageTitle title={text(item.title)} />
      <header className="sw-page-head">
        <h1>
          <Link to={routes.automations(app)} className="sw-auto-up">
            {t('automation.title')}
          </Link>{' '}
          {text(item.title)}
        </h1>
        {item.off ? <Chip>{t('automation.off')}</Chip> : item.broken ? <Chip tone="bad">{t('automation.broken')}</Chip> : !item.paused && <Chip tone="good">{t('automation.on')}</Chip>}
        {mayPublish && !item.off && (
          <Button busy={turn.isPending} onClick={() => turn.mutate()}>
            {item.paused ? t('automation.resume') : t('automation.pause')}
          </Button>
        )}
        <Button icon="eye" disabled={Boolean(item.broken)} onClick={() => setTrying(true)}>
          {t('automation.rehearse')}
        </Button>
        <LinkButton icon="edit" to={routes.definition(app, 'automation', item.key)}>
          {t('automation.edit')}
        </LinkButton>
      </header>
      {item.description && <p className="sw-auto-lead">{text(item.description)}</p>}
      {item.broken && (
        <p className="sw-message" role="alert">
          <Icon name="alert" size={16} /> {item.broken}
        </p>
      )}
      {item.paused && (
        <p className="sw-message" role="status">
          <Icon name="info" size={16} /> {t('automation.paused', { name: item.paused.by, when: words.moment(item.paused.at) })}
        </p>
      )}
      <section className="sw-panel sw-auto-reads">
        <dl>
          <dt>{t('automation.when')}</dt>
          <dd>
            {triggerWords(item, wording)} <span className="sw-help">{t('automation.about', { form: text(item.formTitle) || item.form })}</span>
          </dd>
          {rule && (
            <>
              <dt>{t('automation.if')}</dt>
              <dd>
                <code>{rule}</code>
              </dd>
            </>
          )}
          <dt>{t('automation.then')}</dt>
          <dd>
            <BlockList blocks={definition.blocks ?? []} wording={wording} />
          </dd>
        </dl>
        <p className="sw-help">{t('automation.published', { number: item.version, when: words.moment(item.publishedAt), name: item.publishedBy ?? '–' })}</p>
      </section>
      {item.trigger.on === 'webhook' && <HookPanel app={app} item={item} mayMake={mayPublish} />}
      <RunList app={app} automation={item.key} onOpen={open} />
      {run !== null && <RunSheet app={app} id={run} wording={wording} mayAct={mayPublish} onOpen={open} onClose={() => open()} />}
      {trying && <RehearsalSheet app={app} automation={item.key} form={item.form} wording={wording} onClose={() => setTrying(false)} />}
    </div>
  );
}
