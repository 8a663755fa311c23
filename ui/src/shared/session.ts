import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api, body, type Schemas } from './client/client';
import { syncClock } from './clock';

export type Me = Schemas['Me'];

// meQuery is who is signed in. Every answer also sets the clock that deadlines are seen against.
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me> => {
    const me = await body(api.GET('/me'));
    syncClock(me.now, me.manualClock);
    return me;
  },
  staleTime: 60_000,
  retry: false,
});

// useMe is for pages behind the session gate, where somebody is signed in.
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}
