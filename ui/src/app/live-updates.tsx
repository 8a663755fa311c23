import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLive } from '@/shared/client/live';

// What is loaded again when something changes: the first words of query keys, by the collection that changed.
const affected: Record<string, readonly string[]> = {
  records: ['records', 'board', 'today'],
  actions: ['actions'],
  tasks: ['tasks', 'today', 'records'],
  notices: ['notices', 'me'],
  users: ['users', 'people', 'me'],
  departments: ['departments'],
  definitionVersions: ['apps', 'forms', 'definitions'],
  definitions: ['definitions'],
};

// LiveUpdates keeps what is shown true to what others do.
export function LiveUpdates(): ReactNode {
  const queries = useQueryClient();
  useLive({
    change: ({ collection }) => {
      for (const first of affected[collection] ?? [collection]) void queries.invalidateQueries({ queryKey: [first] });
    },
    resync: () => void queries.invalidateQueries(),
  });
  return null;
}
