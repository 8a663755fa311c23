import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { Schemas } from '@/shared/client/client';
import { ProblemError } from '@/shared/client/problem';
import { accessibilityFaults, renderInApp } from '@/test/render';
import { AskSheet } from './ask-sheet';
import { RecordChecklist } from './record-checklist';
import { recordMenu } from './record-menu';
import { RecordStanding } from './record-standing';
import { Steps } from './route-preview';
import type { RecordView } from './record-view';
import { blank, hasInk } from './signature';
import { partsOf, standsClear, tally } from './standing';

type Task = Schemas['Task'];

// Typing and the accessibility check take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const task: Task = {
  id: 'r1-4', app: 'office', form: 'claim', record: 'r1', recordTitle: 'Fair', kind: 'approval', title: 'Lead', state: 'open', mode: 'all',
  assignees: ['a', 'b', 'c', 'd'], approved: ['a'], rejected: ['b'], waiting: ['c', 'e'], stands: [{ for: 'c', by: 'e' }], added: [{ user: 'd', to: 'c', by: 'c' }],
  openedAt: '2026-03-02T01:00:00.000Z', overdue: false,
};
const names = { a: 'Anna', b: 'Bo', c: 'Cai', d: 'Dan', e: 'Eve' };
const record = (more: Partial<RecordView>) => ({ id: 'r1', app: 'office', form: 'claim', status: 'running', tasks: [task], names, ...more }) as unknown as RecordView;

test('partsOf/says_of_everybody_where_their_decision_stands', () => {
  const parts = partsOf(task);
  expect(parts.map(({ id, state }) => id + ' ' + state)).toEqual(['a approved', 'b rejected', 'c turn', 'd later']);
  expect(parts[2]?.standIns).toEqual(['e']);
  expect(parts[3]?.to).toBe('c');
  expect(tally(parts)).toEqual({ approved: 1, of: 4 });
});

test('standsClear/is_one_task_of_the_reader_and_nothing_else', () => {
  const own = { ...task, mine: true, assignees: ['a'] };
  expect(standsClear(record({ tasks: [own] }))).toBe(true);
  expect(standsClear(record({ tasks: [own], undo: 'r1-2' }))).toBe(false);
  expect(standsClear(record({}))).toBe(false);
});

test('hasInk/tells_a_signature_from_a_touch', () => {
  expect(hasInk(blank)).toBe(false);
  expect(hasInk({ strokes: [[{ x: 0, y: 0 }]], typed: ' ' })).toBe(false);
  expect(hasInk({ strokes: [], typed: 'Li' })).toBe(true);
  expect(hasInk({ strokes: [[0, 1, 2].map((x) => ({ x, y: 0 }))], typed: '' })).toBe(true);
});

test('RecordStanding/urges_and_takes_back_and_can_be_read_by_all', async () => {
  const user = userEvent.setup();
  const act = vi.fn();
  const waits = [{ block: 'w', title: '30 days', type: 'wait' as const, until: '2026-04-09T01:00:00.000Z' }];
  const page = renderInApp(<RecordStanding record={record({ tasks: [{ ...task, actions: ['urge'] }], undo: 'r1-2', waits })} actions={{ act, busy: undefined }} />);
  await user.click(screen.getByRole('button', { name: /Remind|催办/ }));
  await user.click(screen.getByRole('button', { name: /Take back|撤回/ }));
  expect(act.mock.calls).toEqual([['urge', 'r1-4'], ['undo', 'r1-2']]);
  expect(screen.getByText(/Eve/)).toBeTruthy();
  expect(screen.getByText(/30 days/)).toBeTruthy();
  expect(await accessibilityFaults(page.container)).toEqual([]);
});

test('RecordChecklist/a_line_is_ticked_by_keyboard_and_what_is_not_mine_is_not', async () => {
  const user = userEvent.setup();
  const act = vi.fn();
  const list: Task = { ...task, kind: 'checklist', actions: ['tick'], items: [{ id: 'call', title: 'Call' }, { id: 'note', title: 'Note', doneAt: '2026-03-02T02:00:00.000Z', doneBy: 'a' }], progress: { done: 1, of: 2 } };
  const page = renderInApp(<RecordChecklist task={list} names={names} actions={{ act, busy: undefined }} />);
  await user.tab();
  await user.keyboard(' ');
  expect(act).toHaveBeenCalledWith('tick', 'r1-4', 'call');
  expect(screen.getByRole('checkbox', { name: /Note/ }).getAttribute('aria-checked')).toBe('true');
  expect((screen.getByRole('checkbox', { name: /Note/ }) as HTMLButtonElement).disabled).toBe(true);
  expect(await accessibilityFaults(page.container)).toEqual([]);
});

test('AskSheet/asks_for_all_that_a_step_wants_and_shows_what_the_server_refused', async () => {
  const user = userEvent.setup();
  const onSend = vi.fn(() => Promise.reject(new ProblemError({ status: 422, title: 'No', errors: [{ pointer: '/password', code: 'x', message: 'The password is wrong.' }] })));
  renderInApp(
    <AskSheet title="Approve" action="Approve" asks={{ text: { title: 'Comment', required: false }, phrases: ['Fine by me'], signature: true, password: true, parts: [{ id: 'a', name: 'Anna' }, { id: 'c', name: 'Cai' }] }} onSend={onSend} onClose={vi.fn()} />,
  );
  await user.click(screen.getByRole('button', { name: 'Approve' }));
  expect(onSend).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Fine by me' }));
  await user.click(screen.getByRole('radio', { name: 'Cai' }));
  await user.type(screen.getByRole('textbox', { name: /type your name|输入姓名/ }), 'Cai');
  await user.type(screen.getByLabelText(/Your password|登录密码/), 'secret');
  await user.click(screen.getByRole('button', { name: 'Approve' }));
  expect(onSend).toHaveBeenCalledWith({ text: 'Fine by me', for: 'c', users: [], picks: {}, ink: { strokes: [], typed: 'Cai' }, password: 'secret' });
  expect(await screen.findByText('The password is wrong.')).toBeTruthy();
  expect(await accessibilityFaults(document.body)).toEqual([]);
});

test('recordMenu/offers_what_is_possible_and_nothing_else', () => {
  const keys = (more: Partial<RecordView>, mine?: Task) =>
    recordMenu({ record: record(more), task: mine, stages: true, t: ((key: string) => key) as never, text: (one) => String(one), open: vi.fn(), withdraw: vi.fn(), resume: vi.fn(), remove: vi.fn() }).map(({ key }) => key);
  expect(keys({})).toEqual(['copy']);
  const mine: Task = { ...task, mine: true, actions: ['approve', 'abstain', 'transfer', 'addSigner', 'assign'] };
  expect(keys({ tasks: [mine], commands: ['suspend', 'cancel'] }, mine)).toEqual(['abstain', 'transfer', 'addSigner', 'copy', 'suspend', 'cancel']);
});

test('Steps/name_the_people_in_order_and_what_is_not_known_yet', async () => {
  const step = { block: 'two', title: 'Two', type: 'approval', mode: 'sequential' as const, people: ['a', 'b'], unsure: true, needs: ['amount'] };
  const page = renderInApp(
    <Steps route={{ steps: [{ block: 'big', title: 'Amount', type: 'branch' }, step, { block: 'pay', title: 'Pay', type: 'approval', nobody: true }], names }} fields={[]} />,
  );
  expect(screen.getAllByRole('listitem')).toHaveLength(2);
  expect(screen.getByText(/amount/)).toBeTruthy();
  expect(screen.getByText(/Nobody is found|没有找到处理人/)).toBeTruthy();
  expect(await accessibilityFaults(page.container)).toEqual([]);
});
