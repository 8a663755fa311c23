import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { expect, test, vi } from 'vitest';
import type { Schemas } from '@/shared/client/client';
import { fieldsOf } from '@/shared/definition/fields';
import type { FormDefinition } from '@/shared/definition/form';
import { textIn } from '@/shared/definition/text';
import { accessibilityFaults, renderInApp } from '@/test/render';
import { endingOf, eventLines, lookOf, sentenceOf, type Action, type ActionWording } from './action-words';
import { AskSheet } from './ask-sheet';
import { dayPart } from './day-part';
import { Menu } from './menu';
import { LateBanner, RecordBanners } from './record-banners';
import { RecordBar } from './record-bar';
import { RecordPath } from './record-path';
import { filesOf, leadFields, linksOf, missingFields, myTask, standingOf, stepFields, stepState, writableData, type RecordView } from './record-view';
import { StepHead } from './step-head';
import { TaskRow } from './task-row';

const form: FormDefinition = {
  kind: 'form',
  key: 'deal',
  title: 'Deal',
  layout: [
    { key: 'basic', fields: ['name', 'customer'] },
    { key: 'offer', fields: ['price', 'cost', 'margin', 'drawing'] },
  ],
  schema: {
    properties: {
      name: { 'x-field': 'text' },
      customer: { 'x-field': 'link', 'x-link': { form: 'customer' } },
      price: { 'x-field': 'money', 'x-title': 'Price' },
      cost: { 'x-field': 'money' },
      margin: { 'x-field': 'formula' },
      drawing: { 'x-field': 'file' },
      lines: { type: 'array', items: { properties: { sketch: { 'x-field': 'file' } } }, 'x-field': 'subTable' },
    },
  },
};
const fields = fieldsOf(form.schema);
const file = (id: string) => ({ id, name: `${id}.pdf`, size: 2048, type: 'application/pdf' });

test('stepFields/are_those_to_write_with_the_formulas_beside_them', () => {
  const access = { name: 'read', customer: 'read', price: 'required', cost: 'write', margin: 'read', drawing: 'hidden' } as const;
  expect([...(stepFields(fields, access, form, true) ?? [])]).toEqual(['price', 'cost', 'margin']);
  expect(stepFields(fields, access, form, false)).toBeUndefined();
});

test('leadFields/are_the_sections_the_step_asks_something_of_before_what_may_be_changed_too', () => {
  const access = { name: 'write', price: 'required', cost: 'write', margin: 'read' } as const;
  const own = new Set(['name', 'price', 'cost', 'margin']);
  expect([...leadFields(own, access, form)]).toEqual(['price', 'cost', 'margin']);
  expect(leadFields(own, { ...access, price: 'write' }, form)).toBe(own);
});

test('missingFields/are_the_required_ones_that_are_empty', () => {
  const state = { shown: true, writable: true, locked: false, required: true };
  const derived = { data: { cost: 0 }, states: { price: state, cost: state, name: { ...state, required: false } } };
  expect(missingFields(fields, derived).map(({ key }) => key)).toEqual(['price']);
  expect(writableData({ data: { cost: 0, margin: 1 }, states: { cost: state, margin: { ...state, writable: false } } })).toEqual({ cost: 0 });
});

test('filesOf_and_linksOf/find_what_a_record_holds_also_in_tables', () => {
  const data = { customer: 'c1', drawing: [file('a'), 'odd'], lines: [{ sketch: [file('b')] }] };
  expect(filesOf(fields, data).map((one) => one.file.id)).toEqual(['a', 'b']);
  expect(linksOf(fields, data).map(({ form: to, id }) => [to, id])).toEqual([['customer', 'c1']]);
});

test('stepState_and_standingOf/never_lose_what_is_late_or_how_it_ended', () => {
  const stage = { block: 'a', title: 'A' };
  expect(stepState({ ...stage, status: 'current', overdue: true })).toBe('overdue');
  expect(stepState({ ...stage, status: 'done', overdue: true })).toBe('done');
  expect(stepState({ ...stage, status: 'stopped' })).toBe('skipped');
  expect(standingOf({ status: 'ended', outcome: 'lost', overdue: false }, [{ key: 'lost', label: 'Lost', tone: 'bad' }])).toEqual({ tone: 'bad', label: 'Lost' });
  expect(standingOf({ status: 'running', overdue: false }, [])).toEqual({ tone: 'teal', label: undefined });
});

const task: Schemas['Task'] = {
  id: 't1',
  app: 'sales',
  form: 'deal',
  record: 'r1',
  recordTitle: 'Door frame',
  kind: 'approval',
  title: 'Check price',
  stageTitle: 'Offer',
  state: 'open',
  assignees: ['u1'],
  openedAt: '2026-03-01T00:00:00.000Z',
  dueAt: '2026-03-02T00:00:00.000Z',
  overdue: true,
};

test('myTask/is_the_one_asked_for_and_else_the_first_of_mine', () => {
  const tasks = [task, { ...task, id: 't2', mine: true }, { ...task, id: 't3', mine: true }];
  expect(myTask(tasks, 't3')?.id).toBe('t3');
  expect(myTask(tasks, 't1')?.id).toBe('t2');
  expect(myTask([task], null)).toBeUndefined();
});

test('dayPart/greets_by_the_hour', () => {
  expect([4, 8, 13, 20, 23].map(dayPart)).toEqual(['night', 'morning', 'noon', 'evening', 'night']);
});

test('TaskRow/says_record_step_and_lateness_and_leads_to_the_record', async () => {
  const { container } = renderInApp(<TaskRow task={task} />);
  const link = screen.getByRole('link', { name: /Approval.*Door frame.*Check price · Offer.*overdue/ });
  expect(link.getAttribute('href')).toBe('/apps/sales/deal/r1?task=t1');
  expect(await accessibilityFaults(container)).toEqual([]);
});

const action: Action = {
  id: 'r1/4',
  at: '2026-03-02T08:00:00.000Z',
  by: 'u1',
  command: 'return',
  blockTitle: { 'zh-CN': '核价', en: 'Check price' },
  outcome: 'returned',
  events: [
    { seq: 4, kind: 'taskClosed', result: 'returned' },
    { seq: 5, kind: 'returnedTo', blockTitle: { 'zh-CN': '报价', en: 'Offer' } },
    { seq: 6, kind: 'taskOpened', blockTitle: { 'zh-CN': '报价', en: 'Offer' }, assignees: ['u1', 'u2'] },
    { seq: 7, kind: 'blockEntered' },
  ],
};

function wording(language: string): ActionWording {
  return {
    t: i18next.getFixedT(language),
    text: (text) => textIn(text, language),
    names: { u1: { 'zh-CN': '李伟', en: 'Li Wei' }, u2: { 'zh-CN': '王芳', en: 'Wang Fang' } },
    moment: (iso) => iso,
    outcome: (key) => key,
  };
}

test('action_words/tell_who_did_what_and_what_followed_in_both_languages', () => {
  expect(sentenceOf(action, wording('zh-CN'))).toBe('李伟 从“核价”退回');
  expect(eventLines(action, wording('zh-CN'))).toEqual(['退回到“报价”', '“报价”交给 李伟、王芳']);
  expect(sentenceOf(action, wording('en'))).toBe('Li Wei returned it from “Check price”');
  expect(eventLines(action, wording('en'))).toEqual(['Back to “Offer”', '“Offer” went to Li Wei, Wang Fang']);
  expect(endingOf(action)).toEqual({ key: 'returned', tone: 'warn' });
});

test('action_words/a_command_of_a_later_server_is_still_told', () => {
  const odd = { ...action, by: '', command: 'archive', outcome: 'done' };
  expect(sentenceOf(odd, wording('en'))).toBe('System did something (archive)');
  expect(lookOf(odd).icon).toBe('info');
  expect(endingOf(odd)).toBeUndefined();
});

test('Menu/works_by_keyboard_and_gives_the_focus_back', async () => {
  const user = userEvent.setup();
  const run = vi.fn();
  const { container } = renderInApp(<Menu label="More" items={[{ key: 'a', title: 'Withdraw', icon: 'undo', run: vi.fn() }, { key: 'b', title: 'Delete', icon: 'trash', danger: true, run }]} />);
  const button = screen.getByRole('button', { name: 'More' });
  await user.click(button);
  expect(document.activeElement).toBe(screen.getByRole('menuitem', { name: 'Withdraw' }));
  expect(await accessibilityFaults(container)).toEqual([]);
  await user.keyboard('{ArrowUp}{Enter}');
  expect(run).toHaveBeenCalledOnce();
  expect(document.activeElement).toBe(button);
  await user.click(button);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).toBeNull();
});

test('RecordPath/a_step_that_is_tapped_tells_when', async () => {
  const user = userEvent.setup();
  const { container } = renderInApp(
    <RecordPath
      path={[
        { block: 'a', title: 'Lead', status: 'done', enteredAt: '2026-03-01T01:00:00.000Z', leftAt: '2026-03-02T01:00:00.000Z' },
        { block: 'b', title: 'Offer', status: 'upcoming' },
      ]}
    />,
  );
  await user.click(screen.getByRole('button', { name: /Lead/ }));
  expect(screen.getByRole('status').textContent).toMatch(/Entered.*2026.*Left.*2026/);
  await user.click(screen.getByRole('button', { name: /Offer/ }));
  expect(screen.getByText('Not reached yet')).toBeTruthy();
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('StepHead/names_the_step_and_what_is_missing_and_leads_there', async () => {
  const user = userEvent.setup();
  const onField = vi.fn();
  const { container, rerender } = renderInApp(<StepHead title="Check price" stage="Offer" acts missing={fields.filter(({ key }) => key === 'price')} onField={onField} />);
  expect(screen.getByRole('heading', { name: 'Check price' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Price' }));
  expect(onField).toHaveBeenCalledWith('price');
  expect(await accessibilityFaults(container)).toEqual([]);
  rerender(<StepHead title="Check price" stage="" acts missing={[]} onField={onField} />);
  expect(screen.getByText('Everything needed is filled in')).toBeTruthy();
});

test('LateBanner/names_whom_a_late_step_waits_for_but_not_to_themselves', () => {
  const record = { tasks: [task], names: { u1: 'Li Wei' }, dueAt: task.dueAt } as unknown as RecordView;
  const page = renderInApp(<LateBanner record={record} acts={false} />);
  expect(screen.getByText('Waiting for Li Wei')).toBeTruthy();
  page.unmount();
  renderInApp(<LateBanner record={record} acts />);
  expect(screen.queryByText('Waiting for Li Wei')).toBeNull();
});

const back = { by: 'u2', at: '2026-03-01T08:00:00.000Z', fromTitle: { 'zh-CN': '核价', en: 'Check price' }, result: 'returned', reason: 'Which alloy?' } as const;

test('RecordBanners/say_who_sent_it_back_from_where_when_and_why', async () => {
  const record = { overdue: false, status: 'running', tasks: [{ ...task, sentBack: back }], names: { u2: 'Wang Fang' } } as unknown as RecordView;
  const { container } = renderInApp(<RecordBanners record={record} task={undefined} />);
  const banner = screen.getByRole('status');
  expect(banner.textContent).toContain('Wang Fang sent this back from “Check price”');
  expect(banner.querySelector('blockquote')?.textContent).toBe('Which alloy?');
  expect(banner.querySelector('time')?.getAttribute('datetime')).toBe(back.at);
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('TaskRow/says_who_sent_it_back_and_why_until_it_is_done', () => {
  const page = renderInApp(<TaskRow task={{ ...task, sentBack: back }} names={{ u2: 'Wang Fang' }} />);
  expect(screen.getByText('Wang Fang sent it back: Which alloy?')).toBeTruthy();
  page.unmount();
  renderInApp(<TaskRow task={{ ...task, state: 'done', sentBack: back }} names={{ u2: 'Wang Fang' }} />);
  expect(screen.queryByText(/sent it back/)).toBeNull();
});

test('RecordBar/keeps_the_main_action_last_and_folds_what_does_not_fit_a_phone', async () => {
  const user = userEvent.setup();
  const run = vi.fn();
  vi.spyOn(window, 'matchMedia').mockReturnValue({ matches: true, addEventListener: vi.fn(), removeEventListener: vi.fn() } as unknown as MediaQueryList);
  const actions = ['Save', 'Return', 'Reject', 'Approve'].map((title) => ({ key: title, title, run: () => run(title) }));
  renderInApp(<RecordBar actions={actions} busy={undefined} unsaved={false} />);
  expect(screen.getAllByRole('button').map((button) => button.textContent || button.getAttribute('aria-label'))).toEqual(['More actions', 'Save', 'Return', 'Approve']);
  await user.click(screen.getByRole('button', { name: 'More actions' }));
  await user.click(screen.getByRole('menuitem', { name: 'Reject' }));
  expect(run).toHaveBeenCalledWith('Reject');
});

test('AskSheet/wants_a_reason_and_sends_the_step_to_go_back_to', async () => {
  const user = userEvent.setup();
  const onSend = vi.fn(() => Promise.resolve());
  renderInApp(<AskSheet title="Return" action="Return" asks={{ text: { title: 'Reason', required: true }, to: { title: 'Back to', steps: [{ block: 'lead', title: 'Lead' }, { block: 'offer', title: 'Offer', then: ['again', 'straightBack'] }] } }} onSend={onSend} onClose={vi.fn()} />);
  await user.click(screen.getByRole('button', { name: 'Return' }));
  expect(onSend).not.toHaveBeenCalled();
  await user.click(screen.getByRole('radio', { name: 'Offer' }));
  await user.click(screen.getByRole('radio', { name: /Straight back here|直接回到本步/ }));
  await user.type(screen.getByRole('textbox', { name: /Reason/ }), 'Too dear');
  await user.click(screen.getByRole('button', { name: 'Return' }));
  expect(onSend).toHaveBeenCalledWith({ to: 'offer', then: 'straightBack', text: 'Too dear', users: [], picks: {} });
});
