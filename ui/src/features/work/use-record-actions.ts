import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { RecordForm } from '@/features/form/use-record-form';
import { api, ifMatch, tagged, type Schemas, type Tagged } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { useText } from '@/shared/i18n/use-text';
import type { ButtonKind } from '@/shared/kit/button';
import { useConfirm } from '@/shared/kit/confirm';
import type { IconName } from '@/shared/kit/icon';
import { toast } from '@/shared/kit/toast';
import { routes } from '@/shared/routes';
import type { Answer } from './ask-sheet';
import { decide, type Decision } from './decide';
import type { MenuItem } from './menu';
import { recordMenu } from './record-menu';
import type { FormView, RecordView, Task } from './record-view';

// Ask is what a sheet is open for.
export interface Ask {
  what: Exclude<Decision, 'tick' | 'untick' | 'undo' | 'urge'> | 'override' | 'suspend' | 'cancel' | 'copy' | 'submit';
  task?: Task | undefined;
}

// BarAction is a button of the bar below a record.
export interface BarAction {
  key: string;
  title: string;
  icon?: IconName;
  kind?: ButtonKind;
  disabled?: boolean;
  run: () => void;
}

export interface RecordActions {
  // bar holds what can be done now, the main action last.
  bar: readonly BarAction[];
  busy: string | undefined;
  // main is what Ctrl+Enter and the main button do.
  main: () => void;
  menu: MenuItem[];
  ask: Ask | undefined;
  answer: (answer: Answer) => Promise<void>;
  close: () => void;
  // act does at once what asks for nothing: to urge, to tick, to take a decision back.
  act: (what: 'tick' | 'untick' | 'undo' | 'urge', task: string, item?: string) => void;
}

interface RecordActionsOptions {
  held: Tagged<RecordView>;
  hold: (record: Tagged<RecordView>) => void;
  state: RecordForm;
  task: Task | undefined;
  form: FormView;
  // onStale loads what others changed.
  onStale: () => void;
}

// What concerns the record as a whole, whatever task is at hand.
const ofRecord: readonly Ask['what'][] = ['copy', 'submit', 'override', 'suspend', 'cancel'];

type Write = Promise<Tagged<RecordView>>;
type Data = Record<string, never>;

// useRecordActions is what its reader may do with a record now. Whatever is typed on the page goes along with it.
export function useRecordActions({ held, hold, state, task, form, onStale }: RecordActionsOptions): RecordActions {
  const { t } = useTranslation();
  const text = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const [busy, setBusy] = useState<string>();
  const [ask, setAsk] = useState<Ask>();
  const { data: record, etag } = held;
  const { app, form: formKey, id } = record;
  const path = { app, form: formKey, id };
  const commands = record.commands ?? [];
  const writes = Object.values(state.derived.states).some((one) => one.writable);
  const can = (action: NonNullable<Task['actions']>[number]) => task?.actions?.includes(action) ?? false;
  const may = {
    save: commands.includes('save') && writes,
    submit: commands.includes('submit'),
    complete: can('complete'),
    approve: can('approve'),
    reject: can('reject'),
    return: can('return'),
  };

  const took = (fresh: Tagged<RecordView>, said: string) => {
    queries.setQueryData(['records', app, formKey, id, 'full'], fresh);
    hold(fresh);
    state.sent();
    toast.good(said);
    for (const queryKey of [['tasks'], ['today'], ['actions', app, formKey, id]]) void queries.invalidateQueries({ queryKey });
  };
  // refused puts what the server found where it can be mended: at the fields, or above them.
  const refused = (error: unknown) => {
    const problem = asProblem(error);
    if (problem.status === 412) onStale();
    if (problem.status === 0 || problem.status >= 500) toast.problem(problem);
    else state.refuse(problem.errors.length > 0 ? problem.errors : [{ pointer: '', code: problem.code, message: [problem.title, problem.detail].filter(Boolean).join(' ') }]);
  };
  // run does what needs no sheet. more opens one when the server wants people picked for steps to come.
  const run = async (name: string, said: string, write: () => Write, more?: () => void) => {
    if (busy !== undefined) return;
    if (state.uploads > 0) {
      toast.info(t('record.wait'));
      return;
    }
    setBusy(name);
    try {
      took(await write(), said);
    } catch (error) {
      if (more && asProblem(error).errors.some(({ pointer }) => pointer.startsWith('/picks/'))) more();
      else refused(error);
    } finally {
      setBusy(undefined);
    }
  };
  const changed = (changes: object) => (Object.keys(changes).length > 0 ? { data: changes as Data } : {});
  const command = (body: Schemas['RecordCommand']): Write => tagged(api.POST('/apps/{app}/forms/{form}/records/{id}/commands', { params: { path, header: ifMatch(etag) }, body }));

  const save = () => {
    const data = state.changes() as Data;
    void run('save', t('record.saved'), () => tagged(api.PATCH('/apps/{app}/forms/{form}/records/{id}', { params: { path, header: ifMatch(etag) }, body: { data } })));
  };
  const open = (what: Ask['what'], about = task) => setAsk({ what, task: ofRecord.includes(what) ? undefined : about });
  const main = () => {
    if (!may.approve && !may.complete && !may.submit) {
      if (may.save && state.dirty) save();
      return;
    }
    const ready = state.attempt();
    if (!ready) return;
    const data = changed(ready.changes);
    if (may.approve) open('approve');
    else if (may.complete && task) {
      if (task.signature || task.confirm || (task.parts?.length ?? 0) > 1) open('complete');
      else void run('complete', t('record.completed'), () => decide('complete', task.id, etag, data), () => open('complete'));
    } else void run('submit', t('record.submitted'), () => command({ command: 'submit', ...data }), () => open('submit'));
  };

  const act: RecordActions['act'] = (what, about, item) => void run(what + (item ?? about), t(`record.decided.${what}`), () => decide(what, about, etag, item === undefined ? {} : { item }));
  const answer = async (given: Answer) => {
    if (!ask) return;
    const { what, task: about } = ask;
    const { text: said, to, users, picks } = given;
    const reason = said ? { reason: said } : {};
    const picked = Object.keys(picks).length > 0 ? { picks } : {};
    try {
      if (what === 'copy') took(await command({ command: what, users: [...users], ...(said && { comment: said }) }), t('record.decided.copy'));
      else if (what === 'submit') took(await command({ command: what, ...changed(state.changes()), ...picked }), t('record.submitted'));
      else if (what === 'override' || what === 'suspend' || what === 'cancel') took(await command({ command: what, ...(to && { to }), ...reason }), t(`record.decided.${what}`));
      else if (about) {
        // Handing over and adding signers leaves what is typed on the page alone.
        const along = what === 'assign' || what === 'transfer' || what === 'addSigner' ? {} : changed(state.changes());
        took(await decide(what, about.id, etag, { ...along, ...picked, ...(await (await import('./answer-body')).bodyOf(given, about)) }), t(`record.decided.${what}`));
      }
      setAsk(undefined);
    } catch (error) {
      // What is about fields, or about what others did meanwhile, is shown on the page; the rest in the sheet.
      const problem = asProblem(error);
      if (problem.status !== 412 && !problem.errors.some(({ pointer }) => pointer.startsWith('/data/'))) throw error;
      setAsk(undefined);
      refused(error);
    }
  };

  const withdraw = async () => {
    if (await confirm({ title: t('record.ask.withdraw'), text: t('record.ask.withdrawText'), action: t('record.do.withdraw') })) {
      void run('withdraw', t('record.withdrawn'), () => command({ command: 'withdraw' }));
    }
  };
  const remove = async () => {
    const sure = await confirm({ title: t('record.ask.delete', { title: record.title }), text: t('record.ask.deleteText'), action: t('action.delete'), danger: true });
    if (!sure) return;
    try {
      await api.DELETE('/apps/{app}/forms/{form}/records/{id}', { params: { path, header: ifMatch(etag) } });
    } catch (error) {
      refused(error);
      return;
    }
    state.sent();
    toast.good(t('record.deleted'));
    await navigate(routes.list(app, formKey), { replace: true });
    queries.removeQueries({ queryKey: ['records', app, formKey, id] });
    void queries.invalidateQueries({ queryKey: ['records', app, formKey] });
  };

  const menu: MenuItem[] = recordMenu({
    record,
    task,
    t,
    text,
    open,
    withdraw: () => void withdraw(),
    resume: () => void run('resume', t('record.decided.resume'), () => command({ command: 'resume' })),
    remove: () => void remove(),
    stages: form.stages.length > 0,
  });
  const decides = may.approve || may.complete || may.submit;
  const bar: BarAction[] = [];
  if (may.save) bar.push({ key: 'save', title: t('action.save'), kind: decides ? 'plain' : 'primary', disabled: !state.dirty, run: save });
  if (may.return) bar.push({ key: 'return', title: t('record.do.return'), run: () => open('return') });
  if (may.reject) bar.push({ key: 'reject', title: t('record.do.reject'), run: () => open('reject') });
  if (may.approve) bar.push({ key: 'approve', title: t('record.do.approve'), kind: 'primary', icon: 'approval', run: main });
  if (may.complete) bar.push({ key: 'complete', title: t('record.do.complete'), kind: 'primary', icon: 'check', run: main });
  if (may.submit) bar.push({ key: 'submit', title: t('record.do.submit'), kind: 'primary', icon: 'arrowRight', run: main });

  return { bar, busy, main, menu, ask, answer, act, close: () => setAsk(undefined) };
}
