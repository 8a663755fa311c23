import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLive } from '@/shared/client/live';
import { staleKeys } from './stale-keys';

// LiveUpdates keeps what is shown true to what others do.
export function LiveUpdates(): ReactNode {
  const queries = useQueryClient();
  useLive({
    change: (change) => {
      for (const queryKey of staleKeys(change)) void queries.invalidateQueries({ queryKey });
    },
    resync: () => void queries.invalidateQueries(),
  });
  return null;
}
