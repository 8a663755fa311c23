import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter, Route, Routes } from 'react-router';
import { afterEach, expect, test, vi } from 'vitest';
import { accessibilityFaults } from '@/test/render';
import { QuickPage } from './quick-page';

const page = {
  title: 'OP-7 Front seat frame',
  formTitle: 'Deal',
  step: 'Apply for the sample',
  form: {
    kind: 'form',
    key: 'deal',
    title: 'Deal',
    schema: {
      type: 'object',
      properties: {
        material: { 'x-field': 'text', 'x-title': 'Material', type: 'string' },
        drawing: { 'x-field': 'file', 'x-title': 'Drawing', type: 'array', 'x-file': { types: ['application/pdf'], nameContains: 'customer.code' } },
      },
    },
  },
  validationSchema: {},
  access: { material: 'required', drawing: 'required' },
  data: { drawing: [{ id: 'f1', name: 'C-1 old.pdf', size: 2048, type: 'application/pdf' }] },
  fileNames: { drawing: 'C-1' },
  person: 'Li',
  askedBy: 'Wang',
  note: 'Which steel?',
  completes: false,
  expiresAt: '2026-03-09T01:00:00.000Z',
  now: '2026-03-02T01:00:00.000Z',
};

interface Reply {
  status: number;
  body?: unknown;
}

// answers replies to requests in turn, the last one for ever, and notes what was asked.
function answers(...replies: Reply[]): { method: string; url: string; body: string }[] {
  const asked: { method: string; url: string; body: string }[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({ method: request.method, url: new URL(request.url).pathname, body: request.method === 'POST' ? await request.text() : '' });
    const { status, body } = replies.length > 1 ? (replies.shift() as Reply) : (replies[0] as Reply);
    const headers = { 'Content-Type': status < 300 ? 'application/json' : 'application/problem+json' };
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
  });
  return asked;
}

const problem = (status: number, code: string, title: string, errors: object[] = []): Reply => ({ status, body: { status, code, title, errors } });

function open(token = 'abc-signature') {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={['/q/' + token]}>
        <Routes>
          <Route path="/q/:token" element={<QuickPage />} />
          <Route path="/sign-in" element={<p>Sign-in page</p>} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

afterEach(() => vi.unstubAllGlobals());

test('QuickPage/shows_what_is_asked_by_whom_and_nothing_to_open', async () => {
  answers({ status: 200, body: page });
  const { container } = open();
  expect(await screen.findByRole('heading', { name: 'OP-7 Front seat frame' })).toBeTruthy();
  expect(screen.getByText('Li, Wang asks you for this:')).toBeTruthy();
  expect(screen.getByText('Which steel?')).toBeTruthy();
  expect(screen.getByText('C-1 old.pdf').closest('a')).toBeNull();
  expect(screen.getByText('PDF, file name contains “C-1”')).toBeTruthy();
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('QuickPage/says_what_is_missing_and_sends_the_rest_once', async () => {
  const user = userEvent.setup();
  const asked = answers({ status: 200, body: page }, { status: 204 });
  open();
  await user.click(await screen.findByRole('button', { name: 'Send' }));
  expect(screen.getByText('Please fill in Material.')).toBeTruthy();
  expect(asked).toHaveLength(1);
  await user.type(screen.getByRole('textbox', { name: /Material/ }), 'SPFH590');
  await user.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByRole('heading', { name: 'Thank you, it has been sent' })).toBeTruthy();
  expect(asked[1]).toMatchObject({ method: 'POST', url: '/api/v1/quick/abc-signature' });
  expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ data: { material: 'SPFH590', drawing: page.data.drawing } });
  expect(Object.keys(localStorage).filter((key) => key.includes('unsent'))).toEqual([]);
});

test('QuickPage/a_reload_loses_nothing_and_the_device_keeps_no_key', async () => {
  const user = userEvent.setup();
  answers({ status: 200, body: page });
  const first = open();
  await user.type(await screen.findByRole('textbox', { name: /Material/ }), 'SPF');
  first.unmount();
  open();
  expect(await screen.findByDisplayValue('SPF')).toBeTruthy();
  expect(JSON.stringify({ ...localStorage })).not.toContain('signature');
});

test('QuickPage/what_the_server_refuses_stands_at_its_field_or_above', async () => {
  const user = userEvent.setup();
  const refusal = problem(422, 'engine.gate', 'Something is missing', [
    { pointer: '/data/material', code: 'form.pattern', message: 'Material is unheard of.' },
    { pointer: '/data/price', code: 'engine.required', message: 'Price is required.' },
  ]);
  answers({ status: 200, body: { ...page, completes: true, recordPath: '/apps/sales/deal/r1' } }, refusal);
  open();
  await user.type(await screen.findByRole('textbox', { name: /Material/ }), 'X');
  await user.click(screen.getByRole('button', { name: 'Send and complete' }));
  await waitFor(() => expect(screen.getByText('Material is unheard of.')).toBeTruthy());
  const above = screen.getByRole('alert');
  expect(above.textContent).toContain('Price is required.');
  expect(above.textContent).not.toContain('Material');
  expect(screen.getByRole('link', { name: 'Open the record' }).getAttribute('href')).toBe('/apps/sales/deal/r1');
});

test.each([
  [problem(409, 'quick.used', 'Sent already'), undefined],
  [problem(409, 'quick.movedOn', 'Moved on'), undefined],
  [problem(404, 'quick.unknown', 'Does not work'), undefined],
  [problem(429, 'quick.tooOften', 'Slow down'), 'Try again'],
  [problem(401, 'quick.signIn', 'Sign in first'), undefined],
])('QuickPage/each_end_says_so_kindly %#', async (reply, button) => {
  answers(reply);
  const { container } = open();
  expect(await screen.findByRole('heading', { name: (reply.body as { title: string }).title })).toBeTruthy();
  expect(screen.queryByRole('textbox')).toBeNull();
  if (button !== undefined) expect(screen.getByRole('button', { name: button })).toBeTruthy();
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('QuickPage/leads_to_the_sign_in_and_back', async () => {
  answers(problem(401, 'quick.signIn', 'Sign in first'));
  open();
  expect((await screen.findByRole('link', { name: 'Sign in' })).getAttribute('href')).toBe('/sign-in?to=%2Fq%2Fabc-signature');
});

test('QuickPage/a_link_that_ends_while_it_is_filled_in_is_told_when_sending', async () => {
  const user = userEvent.setup();
  answers({ status: 200, body: page }, problem(409, 'quick.movedOn', 'This has moved on'));
  open();
  await user.type(await screen.findByRole('textbox', { name: /Material/ }), 'X');
  await user.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByRole('heading', { name: 'This has moved on' })).toBeTruthy();
  expect(screen.queryByRole('textbox')).toBeNull();
});
