import { lazy, Suspense, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { FieldHostContext } from '@/fields/host';
import { FormRenderer } from '@/features/form/form-renderer';
import { LimitsContext } from '@/features/form/limits';
import { unsentKey } from '@/features/form/unsent';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import type { Tagged } from '@/shared/client/client';
import type { FieldAccess, RecordData } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { SkeletonForm, SkeletonRows } from '@/shared/kit/states';
import { Segments, Tabs } from '@/shared/kit/tabs';
import { usePhone } from '@/shared/kit/use-phone';
import { useMe } from '@/shared/session';
import { Menu } from './menu';
import { ReadSections } from './read-sections';
import { RecordBanners } from './record-banners';
import { RecordBar } from './record-bar';
import { RecordButtons } from './record-buttons';
import { RecordHead } from './record-head';
import { later, loadAbout, loadLog, loadPath } from './record-parts';
import { definitionOf, leadFields, missingFields, myTask, stepFields, type FormView, type RecordView } from './record-view';
import { standsClear } from './standing';
import { StepHead } from './step-head';
import { useQuickLinks } from './use-quick-links';
import { useRecordActions } from './use-record-actions';
import { useRecordVars } from './use-record-vars';

const RecordPath = lazy(loadPath);
const RecordAbout = lazy(loadAbout);
const RecordLog = lazy(loadLog);
const RecordStanding = lazy(later(async () => (await import('./record-standing')).RecordStanding));
const RecordChecklist = lazy(later(async () => (await import('./record-checklist')).RecordChecklist));
const RecordComments = lazy(later(async () => (await import('./record-comments')).RecordComments));
const RoutePreview = lazy(later(async () => (await import('./route-preview')).RoutePreview));
const NewerBanner = lazy(later(async () => (await import('./newer-banner')).NewerBanner));
const RecordAsk = lazy(later(async () => (await import('./record-ask')).RecordAsk));

interface RecordEditorProps {
  view: FormView;
  latest: Tagged<RecordView>;
  onReload: () => void;
}

type Part = 'form' | 'about' | 'comments' | 'history';
const nothing: ReadonlySet<string> = new Set();
const noAccess = {};
const noLinks = {};

// RecordEditor shows a record and takes what its reader may write. It holds on to the revision that is being edited: a
// change by others waits until it is taken over, so that nobody overwrites what they have not seen.
export function RecordEditor({ view, latest, onReload }: RecordEditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const me = useMe();
  const phone = usePhone();
  const [params, setParams] = useSearchParams();
  const [held, hold] = useState(latest);
  const [part, setPart] = useState<Part>('form');
  const formBox = useRef<HTMLDivElement>(null);
  const record = held.data;
  const { app, id } = record;
  const form = definitionOf(view);
  const access = (record.access ?? noAccess) as Record<string, FieldAccess>;
  const vars = useRecordVars(app, view, record);
  const state = useRecordForm({
    app,
    form,
    validationSchema: view.validationSchema,
    access,
    base: record.data as RecordData,
    rev: record.rev,
    vars,
    links: (record.links ?? noLinks) as Record<string, RecordData>,
    unsentKey: unsentKey(me.id, app, form.key, id),
  });
  const newer = latest !== held && latest.data.rev >= record.rev;
  if (newer && !state.dirty) hold(latest);

  const host = useApiFieldHost({ app, form: form.key, record: id, names: record.names, read: () => state, busy: state.busy });
  const tasks = record.tasks ?? [];
  const task = myTask(tasks, params.get('task'));
  const actions = useRecordActions({ held, hold, state, task, form: view, onStale: onReload });

  const { fields, derived } = state;
  const only = useMemo(() => stepFields(fields, access, form, (record.path ?? []).length > 0 && record.status !== 'draft'), [fields, access, form, record.path, record.status]);
  const writes = Object.values(derived.states).some((one) => one.writable);
  const asked = writes ? only : nothing;
  const lead = useMemo(() => asked && leadFields(asked, access, form), [asked, access, form]);
  const stage = text(task?.stageTitle);
  const step = text(task?.title) || t('record.mayChange');

  const owner = record.owner === me.id ? undefined : text(record.names?.[record.owner]) || record.owner;
  const limits = useMemo(() => ({ limits: record.limits ?? [], owner }), [record.limits, owner]);

  const quickLinks = useQuickLinks({ app, form: form.key, id, fields, derived });
  const toField = (key: string) => {
    setPart('form');
    requestAnimationFrame(() => {
      const row = formBox.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(key)}"]`);
      const fold = row?.closest('details');
      if (fold) fold.open = true;
      row?.scrollIntoView({ block: 'center' });
      row?.querySelector<HTMLElement>('input:not([hidden]), select, textarea, button')?.focus({ preventScroll: true });
    });
  };

  const formBody = (
    <div className="sw-record-form-part" ref={formBox}>
      {newer && state.dirty && (
        <Suspense>
          <FieldHostContext value={host}>
            <NewerBanner held={record} latest={latest.data} state={state} onTake={() => hold(latest)} />
          </FieldHostContext>
        </Suspense>
      )}
      {!standsClear(record) && (
        <Suspense fallback={<SkeletonRows rows={2} />}>
          <RecordStanding record={record} actions={actions} />
        </Suspense>
      )}
      <MyTasks tasks={tasks} chosen={task?.id} onChoose={(next) => setParams({ task: next }, { replace: true })} />
      {task?.kind === 'checklist' && (
        <Suspense fallback={<SkeletonRows rows={3} />}>
          <RecordChecklist task={task} names={record.names} actions={actions} />
        </Suspense>
      )}
      <div className="sw-panel sw-record-fill" data-empty={asked?.size === 0 && state.problems.length === 0 ? '' : undefined}>
        {asked && asked.size > 0 && <StepHead title={step} stage={stage === step ? '' : stage} acts={task !== undefined} missing={missingFields(fields, derived)} onField={toField} />}
        <div className="sw-panel-body">
          <FormRenderer form={state} host={host} onSubmit={actions.main} {...(asked && lead && { only: asked, lead })} />
        </div>
      </div>
      {(record.status === 'draft' || record.status === 'running') && view.flow && (
        <Suspense>
          <RoutePreview app={app} form={form.key} record={id} data={state.changes()} fields={fields} />
        </Suspense>
      )}
      {asked && (
        <FieldHostContext value={host}>
          <ReadSections key={task?.kind ?? String(writes)} form={state} without={asked} open={!writes || task?.kind === 'approval'} />
        </FieldHostContext>
      )}
    </div>
  );
  const formPart = <LimitsContext value={limits}>{formBody}</LimitsContext>;
  const about = (
    <Suspense fallback={<SkeletonRows rows={3} />}>
      <RecordAbout record={record} fields={fields} />
    </Suspense>
  );
  const comments = (
    <Suspense fallback={<SkeletonRows rows={2} />}>
      <RecordComments record={record} />
    </Suspense>
  );
  const history = (
    <Suspense fallback={<SkeletonRows rows={4} />}>
      <RecordLog record={record} fields={fields} outcomes={view.outcomes} />
    </Suspense>
  );

  return (
    <div className="sw-page sw-record">
      <RecordHead record={record} view={view} menu={<Menu label={t('record.more')} items={[quickLinks.item, ...actions.menu]} />} />
      <RecordButtons record={record} />
      <RecordBanners record={record} task={task} />
      {record.path && record.path.length > 0 && (
        <section className="sw-panel sw-record-path" aria-label={t('kit.path')}>
          <Suspense>
            <RecordPath path={record.path} />
          </Suspense>
        </section>
      )}
      {phone ? (
        <>
          <Tabs
            label={t('record.parts')}
            selected={part}
            onSelect={setPart}
            tabs={[
              { key: 'form', title: t('record.form') },
              { key: 'about', title: t('record.about') },
              { key: 'comments', title: t('record.comments') },
              { key: 'history', title: t('record.history') },
            ]}
          >
            <div hidden={part !== 'form'}>{formPart}</div>
            {part === 'about' && <div className="sw-record-side">{about}</div>}
            {part === 'comments' && <div className="sw-panel sw-about">{comments}</div>}
            {part === 'history' && <div className="sw-panel sw-about">{history}</div>}
          </Tabs>
          <RecordBar actions={actions.bar} busy={actions.busy} unsaved={state.dirty} />
        </>
      ) : (
        <div className="sw-record-columns">
          <div className="sw-record-main">
            {formPart}
            <RecordBar actions={actions.bar} busy={actions.busy} unsaved={state.dirty} />
          </div>
          <div className="sw-record-side">
            {about}
            <section className="sw-panel sw-about" aria-labelledby="record-comments">
              <h2 id="record-comments">{t('record.comments')}</h2>
              {comments}
            </section>
            <section className="sw-panel sw-about" aria-labelledby="record-history">
              <h2 id="record-history">{t('record.history')}</h2>
              {history}
            </section>
          </div>
        </div>
      )}
      {quickLinks.sheet}
      {actions.ask && (
        <Suspense fallback={<SkeletonForm fields={2} />}>
          <RecordAsk ask={actions.ask} record={record} form={view} dirty={state.dirty} onSend={actions.answer} onClose={actions.close} />
        </Suspense>
      )}
    </div>
  );
}

function MyTasks({ tasks, chosen, onChoose }: { tasks: RecordView['tasks']; chosen: string | undefined; onChoose: (id: string) => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const mine = (tasks ?? []).filter((task) => task.mine);
  if (mine.length < 2 || chosen === undefined) return null;
  return <Segments label={t('record.myTasks')} selected={chosen} onSelect={onChoose} segments={mine.map((task) => ({ key: task.id, title: text(task.title) }))} />;
}
