import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { fieldsOf } from '@/shared/definition/fields';
import { fieldTypes, type Field } from '@/shared/definition/form';
import { accessibilityFaults, hostOf, renderInApp, WithHost } from '@/test/render';
import { searchTree, treeOrder } from './department/department-tree';
import { localOf, momentOf } from './dateTime/date-time';
import type { FieldHost } from './host';
import type { FieldMessage } from './kind';
import { numberFrom } from './parts/input';
import { kindOf } from './registry';
import { cellMessages, rowMessages, withCell } from './subTable/rows';

function fieldOf(node: Record<string, unknown>): Field {
  const field = fieldsOf({ properties: { x: { 'x-title': 'Thing', ...node } } })[0];
  if (!field) throw new Error('no field');
  return field;
}

let value: unknown;

function Edit({ field, start, touch = false, host = hostOf(), messages = [] }: { field: Field; start?: unknown; touch?: boolean; host?: FieldHost; messages?: FieldMessage[] }) {
  const [now, setNow] = useState(start);
  value = now;
  const kind = kindOf(field);
  const Editor = touch ? kind.Touch : kind.Desk;
  return (
    <WithHost host={host}>
      <label id="x-label" htmlFor={kind.group ? undefined : 'x'}>
        Thing
      </label>
      <Editor field={field} value={now} onChange={setNow} id="x" describedBy={undefined} required={false} invalid={messages.length > 0} messages={messages} path="x" />
    </WithHost>
  );
}

const samples: Record<string, { node?: Record<string, unknown>; value: unknown }> = {
  text: { value: 'Door' },
  longText: { value: 'a\nb' },
  number: { value: 12 },
  money: { value: 12.5 },
  percent: { value: 15 },
  phone: { value: '138 0013 8000' },
  email: { value: 'a@b.co' },
  url: { value: 'https://example.com/a' },
  yesNo: { value: false },
  singleChoice: { node: { enum: ['a', 'b', 'c', 'd', 'e', 'f'] }, value: 'b' },
  multiChoice: { node: { items: { enum: ['a', 'b'] } }, value: ['b'] },
  date: { value: '2026-03-02' },
  dateTime: { value: '2026-03-02T09:00:00.000Z' },
  person: { value: 'u1' },
  department: { value: 'd1' },
  file: { value: [{ id: 'f1', name: 'a.pdf', size: 10, type: 'application/pdf' }] },
  link: { node: { 'x-link': { form: 'customer' } }, value: 'c1' },
  subTable: { node: { items: { properties: { part: { type: 'string' } } } }, value: [{ part: 'P1' }] },
  formula: { value: 42 },
  autoNumber: { value: 'SJ-1' },
  checklist: {
    node: { 'x-options': [{ value: 'a', label: 'Measured' }, { value: 'b', label: 'Packed' }] },
    value: [{ item: 'a', by: 'u1', at: '2026-03-02T09:00:00.000Z' }],
  },
  note: { node: { 'x-help': 'Mind the gap' }, value: undefined },
};

test.each(fieldTypes)('registry/%s_is_edited_by_touch_and_read_accessibly', async (type) => {
  const sample = samples[type];
  if (!sample) throw new Error('no sample of ' + type);
  const field = fieldOf({ 'x-field': type, ...sample.node });
  const host = hostOf({ nameOf: (id) => 'Name of ' + id });
  const { Read, Cell } = kindOf(field);
  const { container } = renderInApp(
    <>
      <Edit field={field} start={sample.value} host={host} touch />
      <WithHost host={host}>
        <Read field={field} value={sample.value} />
        <Cell field={field} value={sample.value} />
      </WithHost>
    </>,
  );
  expect(container.textContent).not.toBe('');
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('number/keeps_what_is_typed_and_gives_a_number', async () => {
  const user = userEvent.setup();
  renderInApp(<Edit field={fieldOf({ 'x-field': 'number' })} start={1200000} />);
  const input = screen.getByRole<HTMLInputElement>('textbox');
  expect(input.value).toBe('1,200,000');
  await user.clear(input);
  await user.type(input, '１，５００.5');
  expect(value).toBe(1500.5);
  await user.type(input, 'x');
  expect(value).toBe('１，５００.5x');
});

test('numberFrom/reads_what_people_write', () => {
  expect(numberFrom(' 1,234.50 ')).toBe(1234.5);
  expect(numberFrom('-.5')).toBe(-0.5);
  expect(numberFrom('')).toBeUndefined();
  expect(numberFrom('1e5')).toBe('1e5');
  expect(numberFrom('twelve')).toBe('twelve');
});

test('singleChoice/a_second_press_takes_an_optional_choice_back', async () => {
  const user = userEvent.setup();
  renderInApp(<Edit field={fieldOf({ enum: ['a', 'b'] })} />);
  await user.click(screen.getByRole('radio', { name: 'a' }));
  expect(value).toBe('a');
  await user.click(screen.getByRole('radio', { name: 'a' }));
  expect(value).toBeUndefined();
});

test('multiChoice/is_kept_in_the_order_of_the_options', async () => {
  const user = userEvent.setup();
  renderInApp(<Edit field={fieldOf({ 'x-field': 'multiChoice', items: { enum: ['a', 'b', 'c'] } })} />);
  await user.click(screen.getByRole('checkbox', { name: 'c' }));
  await user.click(screen.getByRole('checkbox', { name: 'a' }));
  expect(value).toEqual(['a', 'c']);
});

test('person/a_phone_chooses_from_a_searchable_sheet', async () => {
  const user = userEvent.setup();
  const people = vi.fn((search: string) => Promise.resolve([{ id: 'u' + search, name: 'Wang ' + search }]));
  renderInApp(<Edit field={fieldOf({ 'x-field': 'person' })} touch host={hostOf({ people, person: (id) => Promise.resolve({ id, name: 'Wang Fang' }) })} />);
  await user.click(screen.getByRole('button', { name: /Thing/ }));
  const sheet = screen.getByRole('dialog', { name: 'Thing' });
  await user.type(within(sheet).getByRole('searchbox'), '7{Enter}');
  await user.click(await within(sheet).findByRole('button', { name: 'Wang 7' }));
  expect(value).toBe('u7');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(await screen.findByText('Wang Fang')).toBeTruthy();
});

const drawing = fieldOf({ 'x-field': 'file', 'x-file': { types: ['application/pdf'], nameContains: 'customer.code', maxCount: 2 } });
const fileInput = () => document.querySelector<HTMLInputElement>('input[type=file]') as HTMLInputElement;
const pdf = (name: string) => new File(['%PDF'], name, { type: 'application/pdf' });

test('file/is_refused_at_once_when_name_or_type_is_wrong', async () => {
  const user = userEvent.setup({ applyAccept: false });
  const upload = vi.fn<FieldHost['upload']>();
  renderInApp(<Edit field={drawing} host={hostOf({ upload, lookup: () => 'KH0231' })} />);
  await user.upload(fileInput(), new File(['x'], 'KH0231.png', { type: 'image/png' }));
  expect(screen.getByText(/Only PDF can be used here/)).toBeTruthy();
  await user.upload(fileInput(), pdf('door.pdf'));
  expect(screen.getByText(/must contain “KH0231”/)).toBeTruthy();
  expect(upload).not.toHaveBeenCalled();
  expect(value).toBeUndefined();
});

test('file/uploads_show_progress_and_add_up', async () => {
  const user = userEvent.setup();
  const busy = vi.fn();
  const finish: (() => void)[] = [];
  const upload: FieldHost['upload'] = (_path, file, progress) => {
    progress(0.5);
    return new Promise((resolve) => finish.push(() => resolve({ id: file.name, name: file.name, size: 4, type: file.type })));
  };
  renderInApp(<Edit field={drawing} host={hostOf({ upload, busy })} />);
  await user.upload(fileInput(), [pdf('a.pdf'), pdf('b.pdf'), pdf('c.pdf')]);
  expect(screen.getAllByRole<HTMLProgressElement>('progressbar').map((bar) => bar.value)).toEqual([0.5, 0.5]);
  expect(screen.getByText('At most 2 files. Remove one first.')).toBeTruthy();
  expect(busy).toHaveBeenLastCalledWith('x', 2);
  finish.forEach((end) => end());
  await waitFor(() => expect(value).toMatchObject([{ id: 'a.pdf' }, { id: 'b.pdf' }]));
  expect(busy).toHaveBeenLastCalledWith('x', 0);
});

test('file/a_lost_connection_can_be_tried_again', async () => {
  const user = userEvent.setup();
  const upload = vi
    .fn<FieldHost['upload']>()
    .mockRejectedValueOnce(Object.assign(new Error('offline')))
    .mockResolvedValueOnce({ id: 'f1', name: 'a.pdf', size: 4, type: 'application/pdf' });
  renderInApp(<Edit field={drawing} host={hostOf({ upload })} />);
  await user.upload(fileInput(), pdf('a.pdf'));
  await user.click(await screen.findByRole('button', { name: 'Upload a.pdf again' }));
  await waitFor(() => expect(value).toMatchObject([{ id: 'f1' }]));
});

const table = fieldOf({ 'x-field': 'subTable', items: { required: ['part'], properties: { part: { 'x-title': 'Part', type: 'string' }, quantity: { 'x-title': 'Quantity', type: 'integer' } } } });

test('subTable/rows_are_added_filled_copied_and_removed_on_the_desk', async () => {
  const user = userEvent.setup();
  const { container } = renderInApp(<Edit field={table} />);
  await user.click(screen.getByRole('button', { name: 'Add row' }));
  await user.type(screen.getByRole('textbox', { name: 'Part' }), 'P1');
  await user.click(screen.getByRole('button', { name: 'Copy row 1' }));
  await user.type(screen.getAllByRole('textbox', { name: 'Quantity' })[1] as HTMLElement, '3');
  expect(value).toEqual([{ part: 'P1' }, { part: 'P1', quantity: 3 }]);
  expect(await accessibilityFaults(container)).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Remove row 1' }));
  expect(value).toEqual([{ part: 'P1', quantity: 3 }]);
});

test('subTable/a_phone_edits_a_row_on_its_own_sheet', async () => {
  const user = userEvent.setup();
  renderInApp(<Edit field={table} touch start={[{ part: 'P1' }]} messages={[{ pointer: '/0/quantity', message: 'Too few' }]} />);
  await user.click(screen.getByRole('button', { name: /P1/ }));
  const sheet = screen.getByRole('dialog', { name: 'Thing 1' });
  expect(within(sheet).getByText('Too few')).toBeTruthy();
  await user.type(within(sheet).getByRole('textbox', { name: 'Quantity' }), '5');
  await user.click(within(sheet).getByRole('button', { name: 'Done' }));
  expect(value).toEqual([{ part: 'P1', quantity: 5 }]);
});

test('subTable/messages_find_their_cell', () => {
  const messages = [
    { pointer: '/1/a~1b', message: 'cell' },
    { pointer: '/1', message: 'row' },
    { pointer: '/10/a~1b', message: 'other' },
  ];
  expect(cellMessages(messages, 1, 'a/b')).toEqual([{ pointer: '', message: 'cell' }]);
  expect(rowMessages(messages, 1)).toEqual(['row']);
  expect(withCell([{ a: 1, b: 2 }], 0, 'a', undefined)).toEqual([{ b: 2 }]);
});

test('department/the_tree_is_listed_top_down_and_survives_nonsense', () => {
  const order = treeOrder([
    { id: 'c', name: 'C', parent: 'b' },
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B', parent: 'a' },
    { id: 'x', name: 'X', parent: 'y' },
    { id: 'y', name: 'Y', parent: 'x' },
    { id: 'o', name: 'O', parent: 'gone' },
  ]);
  expect(order.map(({ id, depth }) => id + String(depth))).toEqual(['a0', 'b1', 'c2', 'o0', 'x0', 'y1']);
  expect(searchTree(order, 'b').map(({ path }) => path)).toEqual(['A / B', 'A / B / C']);
});

test('dateTime/local_time_and_moment_are_two_sides_of_one', () => {
  const moment = '2026-03-02T09:05:00.000Z';
  expect(momentOf(localOf(moment))).toBe(moment);
  expect(localOf('soon')).toBe('');
  expect(momentOf('')).toBeUndefined();
});

test('url/only_the_web_is_followed', () => {
  const field = fieldOf({ 'x-field': 'url' });
  const { Read } = kindOf(field);
  renderInApp(<Read field={field} value="javascript:alert(1)" />);
  expect(screen.queryByRole('link')).toBeNull();
});
