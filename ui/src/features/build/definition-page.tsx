import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, body, ifMatch, tagged, type Schemas, type Tagged } from '@/shared/client/client';
import { asProblem, type FieldProblem, type ProblemError } from '@/shared/client/problem';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonForm } from '@/shared/kit/states';
import { Segments } from '@/shared/kit/tabs';
import { toast } from '@/shared/kit/toast';
import { usePhone } from '@/shared/kit/use-phone';
import { routes } from '@/shared/routes';
import './build.css';
import { parseDefinition, printDefinition } from './definition-text';
import { Refusal } from './refusal';
import { isKind, type Kind } from './kinds';
import { asLimit } from './limit-rows';
import { ProblemList } from './problem-list';
import { PublishSheet } from './publish-sheet';
import { VersionsSheet } from './versions-sheet';

const AssignmentPanel = lazy(async () => ({ default: (await import('./assignment-panel')).AssignmentPanel }));
const CalendarImpact = lazy(async () => ({ default: (await import('./calendar-impact')).CalendarImpact }));
const RunningSheet = lazy(async () => ({ default: (await import('./running-sheet')).RunningSheet }));
const JsonEditor = lazy(async () => ({ default: (await import('./json-editor')).JsonEditor }));

const LimitTable = lazy(async () => ({ default: (await import('./limit-table')).LimitTable }));

type Document = Record<string, unknown>;

export interface DefinitionPlace {
  app: string;
  kind: Kind;
  key: string;
}

// DefinitionPage is where a definition is edited, checked and published.
export function DefinitionPage(): ReactNode {
  const { t } = useTranslation();
  const { app = '', kind, key = '' } = useParams();
  if (!isKind(kind)) return <EmptyState icon="search" title={t('error.noPage')} text={t('error.noPageMend')} />;
  return <Loaded key={`${app}/${kind}/${key}`} place={{ app, kind, key }} />;
}

function Loaded({ place }: { place: DefinitionPlace }): ReactNode {
  const draft = useQuery({
    // Not among the live keys: what somebody is editing is not replaced under their hands.
    queryKey: ['draft', place.app, place.kind, place.key],
    queryFn: async (): Promise<Tagged<Document>> => tagged(api.GET('/apps/{app}/definitions/{kind}/{key}', { params: { path: place } })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (draft.isError) return <ErrorState error={draft.error} onRetry={() => void draft.refetch()} />;
  if (!draft.data) {
    return (
      <div className="sw-page">
        <SkeletonForm />
      </div>
    );
  }
  return <DefinitionEditor key={draft.data.etag} place={place} draft={draft.data} onReload={() => void draft.refetch()} />;
}

interface DefinitionEditorProps {
  place: DefinitionPlace;
  draft: Tagged<Document>;
  onReload: () => void;
}

function DefinitionEditor({ place, draft, onReload }: DefinitionEditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const phone = usePhone();
  const queries = useQueryClient();
  const [saved, setSaved] = useState(() => printDefinition(draft.data));
  const [typed, setTyped] = useState(saved);
  const [etag, setEtag] = useState(draft.etag);
  const [problems, setProblems] = useState<readonly FieldProblem[]>();
  const [warnings, setWarnings] = useState<readonly FieldProblem[]>([]);
  const [refused, setRefused] = useState<ProblemError>();
  const [open, setOpen] = useState<'publish' | 'versions' | 'running'>();
  const heading = useId();
  const list = useQuery({ queryKey: ['definitions', place.app], queryFn: () => body(api.GET('/apps/{app}/definitions', { params: { path: { app: place.app } } })) });
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')) });
  const summary = list.data?.items.find((item) => item.kind === place.kind && item.key === place.key);
  const mayPublish = apps.data?.items.find((one) => one.key === place.app)?.permissions.includes('publish') === true;
  const parsed = parseDefinition(typed);
  const dirty = typed !== saved;

  const refuse = (error: unknown) => {
    const problem = asProblem(error);
    setRefused(problem);
    if (problem.errors.length > 0) setProblems(problem.errors);
  };
  // keep saves what was typed, if there is anything to save, and gives the revision that then holds.
  const keep = async (): Promise<string> => {
    if (!dirty) return etag;
    if (!('document' in parsed)) throw new Error(t('build.notJson'));
    const answer = await tagged<Schemas['DraftSummary']>(
      api.PUT('/apps/{app}/definitions/{kind}/{key}', { params: { path: place, header: ifMatch(etag) }, body: parsed.document as Record<string, never> }),
    );
    setSaved(typed);
    setEtag(answer.etag);
    return answer.etag;
  };
  const refresh = () => queries.invalidateQueries({ queryKey: ['definitions', place.app] });
  const save = useMutation({
    mutationFn: keep,
    onMutate: () => setRefused(undefined),
    onSuccess: async () => {
      toast.good(t('build.saved'));
      await refresh();
    },
    onError: refuse,
  });
  const check = useMutation({
    mutationFn: async () => {
      await keep();
      return body(api.POST('/apps/{app}/definitions/{kind}/{key}/check', { params: { path: place } }));
    },
    onMutate: () => setRefused(undefined),
    onSuccess: (found) => {
      setProblems(found.errors);
      setWarnings(found.warnings);
    },
    onError: refuse,
    onSettled: refresh,
  });
  const publish = useMutation({
    mutationFn: async (note: string) => {
      const revision = await keep();
      return body(api.POST('/apps/{app}/definitions/{kind}/{key}/publish', { params: { path: place, header: ifMatch(revision) }, body: note ? { note } : {} }));
    },
    onMutate: () => setRefused(undefined),
    onSuccess: ({ number }) => {
      setProblems([]);
      toast.good(t('build.published', { number }));
    },
    onError: refuse,
    onSettled: async () => {
      setOpen(undefined);
      await Promise.all([refresh(), ...['versions', 'forms', 'apps'].map((first) => queries.invalidateQueries({ queryKey: [first] }))]);
    },
  });
  // preview opens the sheet to publish. What a calendar would do is told of the stored draft, so that is kept first.
  const preview = async () => {
    try {
      if (place.kind === 'calendar') await keep();
      setOpen('publish');
    } catch (error) {
      refuse(error);
    }
  };
  const busy = save.isPending || check.isPending || publish.isPending;
  const [asText, setAsText] = useState(false);
  const broken = !('document' in parsed);
  const limit = place.kind === 'limit' && !broken ? asLimit(parsed.document) : undefined;
  const title = text(summary?.title) || place.key;
  return (
    <div className="sw-build-page">
      <PageTitle title={title} />
      <header className="sw-page-head">
        <h1 id={heading}>
          <Link to={routes.definitions(place.app)} className="sw-build-up">
            {t(`build.kind.${place.kind}`)}
          </Link>{' '}
          {title}
        </h1>
        {summary && summary.published > 0 && <span className="sw-build-version">{t('build.version', { number: summary.published })}</span>}
        {dirty ? <Chip tone="warn">{t('build.unsaved')}</Chip> : summary?.changed && <Chip tone="info">{t('build.changed')}</Chip>}
        {place.kind === 'flow' && mayPublish && (summary?.published ?? 0) > 1 && (
          <Button icon="list" onClick={() => setOpen('running')}>
            {t('running.title')}
          </Button>
        )}
        <Button icon="history" onClick={() => setOpen('versions')}>
          {t('build.versions')}
        </Button>
        <Button icon="check" busy={check.isPending} disabled={broken || (busy && !check.isPending)} onClick={() => check.mutate()}>
          {t('build.check')}
        </Button>
        <Button busy={save.isPending} disabled={broken || !dirty || (busy && !save.isPending)} onClick={() => save.mutate()}>
          {t('build.saveDraft')}
        </Button>
        {mayPublish && (
          <Button kind="primary" icon="upload" disabled={broken || busy} onClick={() => void preview()}>
            {t('build.publish')}
          </Button>
        )}
      </header>
      {refused && <Refusal problem={refused} onReload={onReload} />}
      {broken && (
        <p className="sw-message" role="alert">
          <Icon name="alert" size={16} /> {t('build.notJson')} {'fault' in parsed && parsed.fault}
        </p>
      )}
      {limit && (
        <Segments
          label={t('limit.view')}
          selected={asText ? 'text' : 'table'}
          onSelect={(view) => setAsText(view === 'text')}
          segments={[
            { key: 'table', title: t('limit.asTable') },
            { key: 'text', title: t('limit.asText') },
          ]}
        />
      )}
      <div className="sw-panel sw-build-editor">
        {limit && !asText ? (
          <Suspense fallback={<SkeletonForm />}>
            <LimitTable app={place.app} document={limit} onChange={(next) => setTyped(printDefinition(next))} />
          </Suspense>
        ) : phone ? (
          <textarea className="sw-build-text" aria-labelledby={heading} spellCheck={false} value={typed} onChange={(event) => setTyped(event.target.value)} />
        ) : (
          <Suspense fallback={<SkeletonForm />}>
            <JsonEditor value={typed} onChange={setTyped} label={title} />
          </Suspense>
        )}
      </div>
      {problems && <ProblemList problems={problems} warnings={warnings} />}
      {place.kind === 'assignment' && 'document' in parsed && (
        <Suspense fallback={<SkeletonForm />}>
          <AssignmentPanel app={place.app} definitionKey={place.key} document={parsed.document as Document} />
        </Suspense>
      )}
      {open === 'publish' && (
        <PublishSheet title={title} busy={publish.isPending} onPublish={(note) => publish.mutate(note)} onClose={() => setOpen(undefined)}>
          {place.kind === 'calendar' && (
            <Suspense fallback={<SkeletonForm fields={2} />}>
              <CalendarImpact place={place} />
            </Suspense>
          )}
        </PublishSheet>
      )}
      {open === 'running' && (
        <Suspense>
          <RunningSheet place={place} form={String(draft.data.form)} current={summary?.published} onClose={() => setOpen(undefined)} />
        </Suspense>
      )}
      {open === 'versions' && <VersionsSheet place={place} current={summary?.published} mayRestore={mayPublish} onRestored={onReload} onClose={() => setOpen(undefined)} />}
    </div>
  );
}
