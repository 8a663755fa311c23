import { useKnownName } from '../parts/known-name';

export function usePersonName(id: string): string | undefined {
  return useKnownName('person', id, (host) => host.person(id));
}
