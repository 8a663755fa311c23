import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { FormRenderer } from '@/features/form/form-renderer';
import { LimitsContext } from '@/features/form/limits';
import { defaultsOf } from '@/features/form/model';
import { ruleRunner } from '@/features/form/rules';
import { unsentKey } from '@/features/form/unsent';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { now } from '@/shared/clock';
import { fieldsOf } from '@/shared/definition/fields';
import type { FieldAccess } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { ErrorState, NoPermission, SkeletonForm } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import { formQuery } from './form-query';
import { later } from './record-parts';
import { definitionOf, writableData, type FormView } from './record-view';
import { useRecordVars } from './use-record-vars';
import './record.css';

const RoutePreview = lazy(later(async () => (await import('./route-preview')).RoutePreview));

// NewRecordPage fills a form for the first time. Values in the address, as `?customer=<id>`, are filled in beforehand.
export function NewRecordPage(): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { app = '', form = '' } = useParams();
  const view = useQuery(formQuery(app, form));
  if (view.isError && !view.data) return <ErrorState error={view.error} onRetry={() => void view.refetch()} />;
  if (!view.data) {
    return (
      <div className="sw-page" data-narrow="">
        <SkeletonForm />
      </div>
    );
  }
  const title = t('record.new', { form: text(definitionOf(view.data).title) });
  return (
    <div className="sw-page sw-record" data-narrow="">
      <PageTitle title={title} />
      <header className="sw-page-head">
        <h1>{title}</h1>
      </header>
      {view.data.permissions.includes('create') ? <NewRecord key={`${app}/${form}`} app={app} view={view.data} /> : <NoPermission />}
    </div>
  );
}

function NewRecord({ app, view }: { app: string; view: FormView }): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [busy, setBusy] = useState<'submit' | 'draft'>();
  const form = definitionOf(view);
  const vars = useRecordVars(app, view);
  const base = useMemo(() => {
    const fields = fieldsOf(form.schema);
    const given = Object.fromEntries([...params].filter(([key]) => fields.some((field) => field.key === key)));
    return defaultsOf(fields, given, { ...vars, link: {}, now: new Date(now()) }, ruleRunner(fields));
  }, [form.schema, params, vars]);
  const state = useRecordForm({ app, form, validationSchema: view.validationSchema, access: view.access as Record<string, FieldAccess>, base, rev: 0, vars, unsentKey: unsentKey(me.id, app, form.key, undefined) });
  const host = useApiFieldHost({ app, form: form.key, read: () => state, busy: state.busy });

  const send = async (submit: boolean, data: object) => {
    if (busy) return;
    if (state.uploads > 0) {
      toast.info(t('record.wait'));
      return;
    }
    setBusy(submit ? 'submit' : 'draft');
    try {
      const made = await body(api.POST('/apps/{app}/forms/{form}/records', { params: { path: { app, form: form.key } }, body: { data: data as Record<string, never>, submit } }));
      state.sent();
      toast.good(t(submit ? 'record.submitted' : 'record.draftSaved'));
      await navigate(routes.record(app, form.key, made.id), { replace: true });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 0 || problem.status >= 500) toast.problem(problem);
      else state.refuse(problem.errors.length > 0 ? problem.errors : [{ pointer: '', code: problem.code, message: [problem.title, problem.detail].filter(Boolean).join(' ') }]);
    } finally {
      setBusy(undefined);
    }
  };
  const submit = () => {
    const ready = state.attempt();
    if (ready) void send(true, ready.data);
  };
  const limits = useMemo(() => ({ limits: view.limits ?? [], owner: undefined }), [view.limits]);
  const flows = view.flow !== undefined && view.flow !== '';
  return (
    <>
      <div className="sw-panel">
        <div className="sw-panel-body">
          <LimitsContext value={limits}>
            <FormRenderer form={state} host={host} onSubmit={submit} />
          </LimitsContext>
        </div>
      </div>
      {flows && (
        <Suspense>
          <RoutePreview app={app} form={form.key} data={writableData(state.derived)} fields={state.fields} />
        </Suspense>
      )}
      <div className="sw-actions sw-record-bar">
        <Button busy={busy === 'draft'} onClick={() => void send(false, writableData(state.derived))}>
          {t('record.do.saveDraft')}
        </Button>
        <Button kind="primary" busy={busy === 'submit'} onClick={submit}>
          {t(flows ? 'record.do.submit' : 'record.do.create')}
        </Button>
      </div>
    </>
  );
}
