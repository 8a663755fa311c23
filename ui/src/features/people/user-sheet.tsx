import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { api, body, ifMatch, tagged, type Schemas, type Tagged } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { ErrorState, SkeletonForm } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { usePrefs } from '@/shared/prefs';
import { userData, userForm, userInput, type RoleChoice } from './user-form';

const HandOverSheet = lazy(async () => ({ default: (await import('./hand-over-sheet')).HandOverSheet }));

// UserSheet edits a colleague, or adds one when no id is given.
export function UserSheet({ id, onClose }: { id: string | undefined; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const roles = useRoleChoices();
  const user = useQuery({
    queryKey: ['users', 'one', id],
    queryFn: () => tagged(api.GET('/users/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== undefined,
  });
  if (roles && (id === undefined || user.data)) return <UserEditor key={id} user={user.data} roles={roles} onClose={onClose} />;
  return (
    <Sheet title={t('people.person')} onClose={onClose}>
      {user.isError ? <ErrorState error={user.error} onRetry={() => void user.refetch()} /> : <SkeletonForm />}
    </Sheet>
  );
}

const access = {};
const vars = { record: {}, user: {} };

function UserEditor({ user, roles, onClose }: { user: Tagged<Schemas['User']> | undefined; roles: RoleChoice[]; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const language = usePrefs((prefs) => prefs.language);
  const [leaving, setLeaving] = useState(false);
  const fresh = user === undefined;
  const form = useMemo(() => userForm(t, roles, fresh), [t, roles, fresh]);
  const base = useMemo(() => userData(user?.data, language), [user, language]);
  const state = useRecordForm({
    app: '',
    form,
    validationSchema: form.schema,
    access,
    base,
    rev: user?.data.rev ?? 0,
    vars,
    // No unsentKey: a first password must not be left lying on this device.
  });
  const host = useApiFieldHost({ app: '', form: 'user', read: () => state, busy: state.busy });
  const save = useMutation({
    mutationFn: (input: Schemas['UserInput']) =>
      user
        ? body(api.PATCH('/users/{id}', { params: { path: { id: user.data.id }, header: ifMatch(user.etag) }, body: input }))
        : body(api.POST('/users', { body: input })),
    onSuccess: async ({ name, active }) => {
      state.sent();
      toast.good(t('people.saved', { name }));
      // Who is disabled leaves work behind: the next thing is to pass it on.
      if (user?.data.active && !active) setLeaving(true);
      else onClose();
      await Promise.all(['users', 'people', 'name'].map((first) => queries.invalidateQueries({ queryKey: [first] })));
    },
    onError: (error) => {
      const problem = asProblem(error);
      if (problem.errors.length > 0) state.refuse(problem.errors);
      else toast.problem(problem);
    },
  });
  const submit = () => {
    const ready = state.attempt();
    if (ready && !save.isPending) save.mutate(userInput(fresh ? ready.data : ready.changes));
  };
  if (leaving && user) {
    return (
      <Suspense>
        <HandOverSheet user={user.data} onClose={onClose} />
      </Suspense>
    );
  }
  return (
    <Sheet
      title={user?.data.name ?? t('people.add')}
      onClose={onClose}
      footer={
        <>
          {user && (
            <Button icon="people" onClick={() => setLeaving(true)}>
              {t('handOver.open')}
            </Button>
          )}
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" busy={save.isPending} onClick={submit}>
            {t('action.save')}
          </Button>
        </>
      }
    >
      <FormRenderer form={state} host={host} onSubmit={submit} />
    </Sheet>
  );
}

// useRoleChoices lists the roles of the apps; undefined while they load. Apps whose design is not for this person's eyes
// are left out.
function useRoleChoices(): RoleChoice[] | undefined {
  const text = useText();
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')) });
  const designed = (apps.data?.items ?? []).filter((app) => app.permissions.includes('design'));
  const roles = useQueries({
    queries: designed.map((app) => ({
      queryKey: ['definitions', app.key, 'role'],
      queryFn: () => body(api.GET('/apps/{app}/definitions', { params: { path: { app: app.key }, query: { kind: 'role' as const } } })),
    })),
  });
  const settled = !apps.isPending && roles.every((one) => !one.isPending);
  const choices = designed.flatMap((app, index) =>
    (roles[index]?.data?.items ?? []).map((role) => ({ app: app.key, role: role.key, label: `${text(app.title)} · ${text(role.title)}` })),
  );
  const stable = JSON.stringify(choices);
  return useMemo(() => (settled ? (JSON.parse(stable) as RoleChoice[]) : undefined), [settled, stable]);
}
