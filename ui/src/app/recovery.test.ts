import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProblemError } from '@/shared/client/problem';
import { newRecovery } from './recovery';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const unwell = new ProblemError({ status: 503, title: 'The database is out of reach.' });
const forbidden = new ProblemError({ status: 403, title: 'No.' });

// shown is a page that asks something and keeps showing the answer.
async function shown(queries: QueryClient, key: string, ask: () => Promise<string>): Promise<QueryObserver<string>> {
  const observer = new QueryObserver<string>(queries, { queryKey: [key], queryFn: ask, retry: false });
  observer.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  return observer;
}

test('newRecovery/what_failed_is_asked_again_once_when_the_server_is_well_and_stays_as_it_is_until_then', async () => {
  const queries = new QueryClient();
  let well = false;
  const ready = vi.fn(() => Promise.resolve(well));
  const recover = newRecovery(queries, ready);
  const ask = vi.fn(() => (well ? Promise.resolve('here') : Promise.reject(unwell)));
  const page = await shown(queries, 'page', ask);
  const other = vi.fn(() => Promise.reject(forbidden));
  await shown(queries, 'other', other);
  recover(unwell);
  recover(unwell);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(page.getCurrentResult()).toMatchObject({ status: 'error', error: unwell });
  expect(ask).toHaveBeenCalledTimes(1);

  well = true;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(page.getCurrentResult().data).toBe('here');
  expect(ask).toHaveBeenCalledTimes(2);
  expect(other).toHaveBeenCalledTimes(1);
  const asked = ready.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ready).toHaveBeenCalledTimes(asked);
});

test('newRecovery/a_refusal_is_final', async () => {
  const ready = vi.fn(() => Promise.resolve(true));
  newRecovery(new QueryClient(), ready)(forbidden);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ready).not.toHaveBeenCalled();
});
