import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ProblemError } from '@/shared/client/problem';
import { meQuery } from '@/shared/session';

// newQueryClient tries again only what may work the next time: no answer, or a server that is briefly unwell.
export function newQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        // A session may end at any moment; the gate then asks to sign in and comes back to the same page.
        if (error instanceof ProblemError && error.status === 401 && query.queryKey[0] !== meQuery.queryKey[0]) {
          void client.resetQueries({ queryKey: meQuery.queryKey });
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (failures, error) => failures < 2 && error instanceof ProblemError && (error.status === 0 || error.status >= 502),
      },
      mutations: { retry: false },
    },
  });
  return client;
}
