import { api, ifMatch, tagged, type Schemas, type Tagged } from '@/shared/client/client';

export type Decision = 'complete' | 'approve' | 'reject' | 'return' | 'assign';

export interface DecisionBody {
  comment?: string;
  data?: Record<string, never>;
  to?: string;
  users?: string[];
}

// decide does what somebody decided on a task; etag is the record's revision that they saw.
export function decide(decision: Decision, id: string, etag: string, body: DecisionBody): Promise<Tagged<Schemas['Record']>> {
  const request = { params: { path: { id }, header: ifMatch(etag) }, body };
  switch (decision) {
    case 'complete':
      return tagged(api.POST('/tasks/{id}/complete', request));
    case 'approve':
      return tagged(api.POST('/tasks/{id}/approve', request));
    case 'reject':
      return tagged(api.POST('/tasks/{id}/reject', request));
    case 'return':
      return tagged(api.POST('/tasks/{id}/return', request));
    case 'assign':
      return tagged(api.POST('/tasks/{id}/assign', request));
  }
}
