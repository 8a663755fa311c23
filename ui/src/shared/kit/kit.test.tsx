import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { accessibilityFaults, renderInApp } from '@/test/render';
import { ProblemError } from '../client/problem';
import { syncClock } from '../clock';
import { initials, PersonName } from './avatar';
import { Button, IconButton } from './button';
import { Chip } from './chip';
import { useConfirm, type Answer } from './confirm';
import { PathBar } from './path-bar';
import { SearchBox } from './search-box';
import { Sheet } from './sheet';
import { EmptyState, ErrorState, SkeletonForm } from './states';
import { Segments, Tabs } from './tabs';
import { Timeline } from './timeline';
import { toast, Toasts } from './toast';
import { DueBadge, TrafficLight } from './traffic-light';
import { VirtualList } from './virtual-list';

test('kit/everything_is_accessible', async () => {
  const { container } = renderInApp(
    <main>
      <h1>Page</h1>
      <Button kind="primary">Save</Button>
      <IconButton icon="close" label="Close" />
      <Chip tone="good">Won</Chip>
      <PersonName name="Li Wei" />
      <TrafficLight light="red" />
      <DueBadge due="2026-03-10T09:00:00.000Z" />
      <PathBar steps={[{ key: 'a', title: 'Lead', state: 'done' }, { key: 'b', title: 'Sample', state: 'overdue', note: '2 days' }]} />
      <Timeline entries={[{ id: '1', at: '2026-03-10T09:00:00.000Z', icon: 'check', title: 'Approved' }]} />
      <SearchBox value="" onSearch={() => undefined} label="Search records" />
      <Segments label="View" segments={[{ key: 'list', title: 'List' }, { key: 'board', title: 'Board' }]} selected="list" onSelect={() => undefined} />
      <EmptyState title="No tasks" />
      <SkeletonForm />
      <VirtualList items={['a']} keyOf={(item) => item} label="Records" rowHeight={40} height={200}>
        {(item) => item}
      </VirtualList>
    </main>,
  );
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('Button/busy_refuses_a_second_press_and_keeps_its_focus', async () => {
  const user = userEvent.setup();
  const press = vi.fn();
  renderInApp(
    <Button busy onClick={press}>
      Send
    </Button>,
  );
  await user.click(screen.getByRole('button', { name: 'Send' }));
  expect(press).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Send' }));
});

test('Sheet/takes_the_focus_closes_on_escape_and_gives_it_back', async () => {
  const user = userEvent.setup();
  function Page() {
    const [open, setOpen] = useState(false);
    return (
      <>
        <Button onClick={() => setOpen(true)}>Open</Button>
        {open && (
          <Sheet title="Detail" onClose={() => setOpen(false)}>
            <p>Text</p>
          </Sheet>
        )}
      </>
    );
  }
  renderInApp(<Page />);
  await user.click(screen.getByRole('button', { name: 'Open' }));
  const sheet = screen.getByRole('dialog', { name: 'Detail' });
  expect(sheet.getAttribute('aria-modal')).toBe('true');
  expect(document.activeElement).toBe(sheet);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Open' }));
});

test('Confirm/escape_is_no_and_a_required_reason_is_insisted_on', async () => {
  const user = userEvent.setup();
  const answers: Answer[] = [];
  function Page() {
    const confirm = useConfirm();
    return (
      <Button onClick={() => void confirm({ title: 'Return it?', action: 'Return', reason: { label: 'Reason', required: true } }).then((answer) => answers.push(answer))}>
        Ask
      </Button>
    );
  }
  renderInApp(<Page />);
  await user.click(screen.getByRole('button', { name: 'Ask' }));
  await user.keyboard('{Escape}');
  expect(answers).toEqual([undefined]);

  await user.click(screen.getByRole('button', { name: 'Ask' }));
  const box = screen.getByRole('alertdialog', { name: 'Return it?' });
  await user.click(within(box).getByRole('button', { name: 'Return' }));
  expect(within(box).getByText('Please give a reason.')).toBeTruthy();
  await user.type(within(box).getByRole('textbox', { name: 'Reason' }), 'No material');
  await user.click(within(box).getByRole('button', { name: 'Return' }));
  expect(answers).toEqual([undefined, { reason: 'No material' }]);
});

test('Tabs/arrows_move_between_tabs', async () => {
  const user = userEvent.setup();
  function Page() {
    const [tab, setTab] = useState<'form' | 'log'>('form');
    return (
      <Tabs label="Record" tabs={[{ key: 'form', title: 'Form' }, { key: 'log', title: 'Log', count: 3 }]} selected={tab} onSelect={setTab}>
        <p>{tab}</p>
      </Tabs>
    );
  }
  const { container } = renderInApp(<Page />);
  await user.tab();
  await user.keyboard('{ArrowRight}');
  expect(screen.getByRole('tab', { name: /Log/, selected: true })).toBe(document.activeElement);
  expect(screen.getByRole('tabpanel', { name: /Log/ }).textContent).toBe('log');
  await user.keyboard('{ArrowRight}');
  expect(screen.getByRole('tab', { name: 'Form', selected: true })).toBeTruthy();
  expect(await accessibilityFaults(container)).toEqual([]);
});

test('PathBar/says_where_a_record_stands_in_words', () => {
  renderInApp(<PathBar steps={[{ key: 'a', title: 'Lead', state: 'done' }, { key: 'b', title: 'Sample', state: 'overdue' }, { key: 'c', title: 'Trial', state: 'upcoming' }]} />);
  const [done, now, next] = screen.getAllByRole('listitem');
  expect(done?.textContent).toContain('Lead (done)');
  expect(now?.getAttribute('aria-current')).toBe('step');
  expect(now?.textContent).toContain('overdue');
  expect(next?.textContent).toContain('not started');
});

test('SearchBox/enter_searches_at_once_and_clearing_too', async () => {
  const user = userEvent.setup();
  const search = vi.fn();
  renderInApp(<SearchBox value="" onSearch={search} label="Search" />);
  await user.type(screen.getByRole('searchbox'), ' door {Enter}');
  expect(search.mock.calls).toEqual([['door']]);
  await user.click(screen.getByRole('button', { name: 'Clear' }));
  expect(search.mock.lastCall).toEqual(['']);
});

test('ErrorState/shows_the_mend_and_looks_like_what_happened', async () => {
  const user = userEvent.setup();
  const retry = vi.fn();
  const { rerender } = renderInApp(<ErrorState error={new ProblemError({ status: 500, title: 'Broken', detail: 'Try later', requestId: 'r-1' })} onRetry={retry} />);
  expect(screen.getByRole('alert').textContent).toContain('Try later');
  expect(screen.getByText('Request r-1')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
  rerender(<ErrorState error={new ProblemError({ status: 403, title: '' })} onRetry={retry} />);
  expect(screen.getByText('You may not see this')).toBeTruthy();
  expect(screen.queryByRole('button')).toBeNull();
});

test('DueBadge/counts_against_the_clock_of_the_server', () => {
  act(() => syncClock('2026-03-12T09:00:00.000Z', true));
  renderInApp(<DueBadge due="2026-03-10T09:00:00.000Z" />);
  expect(screen.getByText('2 days overdue').getAttribute('data-urgency')).toBe('overdue');
});

test('TrafficLight/always_has_its_word', () => {
  renderInApp(<TrafficLight light="amber" />);
  expect(screen.getByText('Watch')).toBeTruthy();
});

test('toast/is_announced_and_can_be_closed', async () => {
  const user = userEvent.setup();
  renderInApp(<Toasts />);
  act(() => toast.problem(new ProblemError({ title: 'Not saved', detail: 'Somebody was faster' })));
  expect(screen.getByRole('status').textContent).toContain('Somebody was faster');
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByText('Not saved')).toBeNull();
});

test('initials/suit_the_script', () => {
  expect(initials('陈建国')).toBe('国');
  expect(initials('Anna Maria Schmidt')).toBe('AS');
  expect(initials('li')).toBe('L');
  expect(initials('')).toBe('');
});
