import type { Field } from '@/shared/definition/form';
import type { FieldHost } from '../host';
import type { Pick } from '../parts/picker';

// linkPicks searches the records a link may name. What the link must agree with (x-link.where) is part of the cache
// key, so another customer never sees the first one's contacts.
export function linkPicks(host: FieldHost, field: Field): { cacheKey: readonly unknown[]; load: (search: string) => Promise<Pick[]> } {
  const rule = field.link;
  const agreed = Object.values(rule?.where ?? {}).map((own) => host.lookup(own) ?? '');
  return {
    cacheKey: ['records', host.scope, 'link', rule?.form, agreed],
    load: async (search) => (rule ? await host.records(rule, search) : []),
  };
}
