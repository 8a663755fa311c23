import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Navigate, useParams } from 'react-router';
import { api, body } from '@/shared/client/client';
import { ErrorState, SkeletonPage } from '@/shared/kit/states';
import { routes } from '@/shared/routes';

// TaskPage leads a link to a task, as messages hold them, on to its record.
export function TaskPage(): ReactNode {
  const { id = '' } = useParams();
  const task = useQuery({ queryKey: ['tasks', 'one', id], queryFn: () => body(api.GET('/tasks/{id}', { params: { path: { id } } })) });
  if (task.isError) return <ErrorState error={task.error} onRetry={() => void task.refetch()} />;
  if (!task.data) return <SkeletonPage />;
  const { app, form, record } = task.data;
  return <Navigate to={{ pathname: routes.record(app, form, record), search: `?task=${encodeURIComponent(id)}` }} replace />;
}
