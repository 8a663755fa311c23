import { queryOptions } from '@tanstack/react-query';
import { api, body } from '@/shared/client/client';

// formQuery is a published form as I may use it. It changes only when somebody publishes, and that is told live.
export function formQuery(app: string, form: string) {
  return queryOptions({
    queryKey: ['forms', app, form],
    queryFn: () => body(api.GET('/apps/{app}/forms/{form}', { params: { path: { app, form } } })),
    staleTime: 5 * 60_000,
  });
}
