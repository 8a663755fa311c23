import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { FormDefinition, RecordData } from '@/shared/definition/form';
import { Button } from '@/shared/kit/button';
import { accessibilityFaults, hostOf, renderInApp } from '@/test/render';
import { FormRenderer } from './form-renderer';
import { loadUnsent, unsentKey } from './unsent';
import { useRecordForm, type RecordForm } from './use-record-form';

const definition: FormDefinition = {
  kind: 'form',
  key: 'sample',
  title: 'Sample',
  layout: [
    { key: 'main', title: 'Main', fields: ['name', 'level'] },
    { key: 'why', title: 'Why lost', fields: ['reason'], show: 'form.level == "lost"' },
  ],
  schema: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { 'x-field': 'text', 'x-title': 'Name', 'x-help': 'As the customer calls it', type: 'string', maxLength: 40 },
      level: { 'x-field': 'singleChoice', 'x-title': 'Level', type: 'string', enum: ['won', 'lost'] },
      reason: { 'x-field': 'longText', 'x-title': 'Reason', type: 'string', 'x-show': 'form.level == "lost"', 'x-require': 'form.level == "lost"' },
      quantity: { 'x-field': 'number', 'x-title': 'Quantity', type: 'integer' },
      price: { 'x-field': 'money', 'x-title': 'Price', type: 'number' },
      total: { 'x-field': 'formula', 'x-title': 'Total', 'x-formula': 'form.quantity * form.price', type: 'number' },
    },
  },
};
const key = unsentKey('u1', 'app', 'sample', undefined);
const vars = { record: {}, user: {} };
const nothing = {};
let last: RecordForm;

function Page({ base = nothing, access = nothing, sent, unsent }: { base?: RecordData; access?: object; sent?: (data: RecordData) => void; unsent?: string }) {
  const form = useRecordForm({ app: 'app', form: definition, validationSchema: definition.schema, access: access as never, base, rev: 1, vars, unsentKey: unsent });
  last = form;
  const submit = () => {
    const ready = form.attempt();
    if (ready) sent?.(ready.data);
  };
  return (
    <FormRenderer form={form} host={hostOf()} onSubmit={submit}>
      <Button type="submit">Send</Button>
    </FormRenderer>
  );
}

test('FormRenderer/labels_help_and_sections_reach_assistive_technology', async () => {
  const { container } = renderInApp(<Page />);
  const name = screen.getByRole('textbox', { name: /Name/ });
  expect(name.getAttribute('aria-required')).toBe('true');
  expect(document.getElementById(name.getAttribute('aria-describedby') ?? '')?.textContent).toBe('As the customer calls it');
  expect(screen.getByRole('group', { name: 'Main' })).toBeTruthy();
  expect(screen.getByRole('radiogroup', { name: 'Level' })).toBeTruthy();
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('FormRenderer/conditions_and_formulas_are_live', async () => {
  const user = userEvent.setup();
  renderInApp(<Page />);
  expect(screen.queryByRole('textbox', { name: /Reason/ })).toBeNull();
  await user.click(screen.getByRole('radio', { name: 'lost' }));
  expect(screen.getByRole('textbox', { name: /Reason/ }).getAttribute('aria-required')).toBe('true');
  await user.type(screen.getByRole('textbox', { name: 'Quantity' }), '3');
  await user.type(screen.getByRole('textbox', { name: 'Price' }), '1,200.5');
  expect(screen.getByRole('status', { name: 'Total' }).textContent).toBe('3,601.5');
});

test('FormRenderer/a_failed_attempt_lists_what_is_wrong_and_leads_to_the_first', async () => {
  const user = userEvent.setup();
  const sent = vi.fn();
  const { container } = renderInApp(<Page sent={sent} />);
  await user.type(screen.getByRole('textbox', { name: 'Quantity' }), '1.5');
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(sent).not.toHaveBeenCalled();
  const summary = screen.getByRole('alert');
  expect(within(summary).getByText('2 things need another look')).toBeTruthy();
  const name = screen.getByRole('textbox', { name: /Name/ });
  expect(document.activeElement).toBe(name);
  expect(name.getAttribute('aria-invalid')).toBe('true');
  await user.click(within(summary).getByRole('button', { name: 'Quantity must be a whole number.' }));
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Quantity' }));
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('FormRenderer/ctrl_enter_sends_a_right_form_and_enter_alone_does_not', async () => {
  const user = userEvent.setup();
  const sent = vi.fn();
  renderInApp(<Page sent={sent} />);
  await user.type(screen.getByRole('textbox', { name: /Name/ }), 'Door{Enter}');
  expect(sent).not.toHaveBeenCalled();
  await user.keyboard('{Meta>}{Enter}{/Meta}');
  expect(sent).toHaveBeenCalledWith({ name: 'Door' });
});

test('FormRenderer/passing_by_a_field_does_not_scold_but_a_wrong_value_does', async () => {
  const user = userEvent.setup();
  renderInApp(<Page />);
  await user.click(screen.getByRole('textbox', { name: /Name/ }));
  await user.type(screen.getByRole('textbox', { name: 'Quantity' }), '1.5');
  expect(document.querySelectorAll('.sw-message')).toHaveLength(0);
  await user.tab();
  expect(screen.getByText('Quantity must be a whole number.')).toBeTruthy();
  expect(screen.queryByText('Please fill in Name.')).toBeNull();
});

test('FormRenderer/problems_of_the_server_stand_at_their_fields_until_they_change', async () => {
  const user = userEvent.setup();
  renderInApp(<Page base={{ name: 'Door' }} />);
  await waitFor(() => last.refuse([{ pointer: '/data/name', code: 'record.unique', message: 'Another record has this name.' }]));
  const name = await screen.findByRole('textbox', { name: /Name/, description: /Another record has this name/ });
  expect(document.activeElement).toBe(name);
  await user.type(name, ' 2');
  expect(screen.queryByText('Another record has this name.')).toBeNull();
});

test('FormRenderer/a_read_only_field_shows_its_value_and_cannot_be_changed', () => {
  renderInApp(<Page base={{ name: 'Door', level: 'won' }} access={{ name: 'read' }} />);
  expect(screen.queryByRole('textbox', { name: /Name/ })).toBeNull();
  expect(screen.getByText('Door')).toBeTruthy();
});

test('FormRenderer/unsent_input_survives_leaving_and_can_be_discarded', async () => {
  const user = userEvent.setup();
  const first = renderInApp(<Page unsent={key} />);
  await user.type(screen.getByRole('textbox', { name: /Name/ }), 'Door');
  first.unmount();
  expect(loadUnsent(key)?.values).toEqual({ name: 'Door' });

  renderInApp(<Page unsent={key} />);
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: /Name/ }).value).toBe('Door');
  expect(screen.getByText(/Restored your unsent input/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Discard' }));
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: /Name/ }).value).toBe('');
  expect(loadUnsent(key)).toBeUndefined();
});

test('FormRenderer/what_was_sent_is_not_brought_back', async () => {
  const user = userEvent.setup();
  const page = renderInApp(<Page unsent={key} sent={() => last.sent()} />);
  await user.type(screen.getByRole('textbox', { name: /Name/ }), 'Door');
  await user.click(screen.getByRole('button', { name: 'Send' }));
  page.unmount();
  expect(loadUnsent(key)).toBeUndefined();
});
