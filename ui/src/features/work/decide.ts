import { api, ifMatch, tagged, type Schemas, type Tagged } from '@/shared/client/client';

export type Decision = NonNullable<Schemas['Task']['actions']>[number];

export type DecisionBody = Partial<Record<'comment' | 'to' | 'for' | 'signature' | 'proof' | 'item', string>> & {
  data?: Record<string, never>;
  then?: 'again' | 'straightBack';
  where?: 'before' | 'after' | 'beside';
  users?: string[];
  picks?: Record<string, string[]>;
};

// decide does what somebody decided on a task; etag is the record's revision that they saw.
export function decide(decision: Decision, id: string, etag: string, body: DecisionBody): Promise<Tagged<Schemas['Record']>> {
  // All of these addresses take the same and answer the same.
  const address = `/tasks/{id}/${decision}` as '/tasks/{id}/approve';
  return tagged(api.POST(address, { params: { path: { id }, header: ifMatch(etag) }, body }));
}
