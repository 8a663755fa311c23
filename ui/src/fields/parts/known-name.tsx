import { useQuery } from '@tanstack/react-query';
import { useText } from '@/shared/i18n/use-text';
import { useFieldHost, type FieldHost } from '../host';

// useKnownName is the display name of an id: at once when the page knows it, else asked for once and remembered.
export function useKnownName(kind: string, id: string, ask: (host: FieldHost) => Promise<{ name: string } | undefined>): string | undefined {
  const host = useFieldHost();
  const text = useText();
  const known = text(host.nameOf(id));
  const asked = useQuery({
    queryKey: ['name', kind, id],
    queryFn: async () => (await ask(host)) ?? null,
    enabled: known === '' && id !== '',
    staleTime: 5 * 60_000,
  });
  return known || asked.data?.name;
}
