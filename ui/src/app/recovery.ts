import type { QueryClient } from '@tanstack/react-query';
import { ProblemError } from '@/shared/client/problem';

const pause = 3_000;

// isUnwell says whether the same question may be answered the next time: nobody answered, or a server that is briefly unwell.
export function isUnwell(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 0 || error.status >= 502);
}

const isReady = (): Promise<boolean> =>
  fetch('/readyz', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );

// newRecovery gives what to call when a question failed: once the server is well again, what is shown and failed is asked anew.
// Until then the page that says so stays as it is.
export function newRecovery(queries: QueryClient, ready: () => Promise<boolean> = isReady): (error: unknown) => void {
  let waiting = false;
  const look = async () => {
    if (!(await ready())) {
      setTimeout(() => void look(), pause);
      return;
    }
    waiting = false;
    await queries.refetchQueries({ type: 'active', predicate: ({ state }) => isUnwell(state.error) });
  };
  return (error) => {
    if (waiting || !isUnwell(error)) return;
    waiting = true;
    setTimeout(() => void look(), pause);
  };
}
