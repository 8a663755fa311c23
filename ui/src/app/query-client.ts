import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ProblemError } from '@/shared/client/problem';
import { meQuery } from '@/shared/session';
import { isUnwell, newRecovery } from './recovery';

// newQueryClient tries again only what may work the next time, and again when the server is well.
export function newQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        recover(error);
        // A session may end at any moment; the gate then asks to sign in and comes back to the same page.
        if (error instanceof ProblemError && error.status === 401 && query.queryKey[0] !== meQuery.queryKey[0]) {
          void client.resetQueries({ queryKey: meQuery.queryKey });
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (failures, error) => failures < 2 && isUnwell(error),
      },
      mutations: { retry: false },
    },
  });
  const recover = newRecovery(client);
  return client;
}
