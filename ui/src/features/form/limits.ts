import { createContext } from 'react';
import type { Schemas } from '@/shared/client/client';
import type { RecordData } from '@/shared/definition/form';

export type Authority = Schemas['Authority'];

// Limits are how far somebody may go by the fields of a form.
export interface Limits {
  limits: readonly Authority[];
  // whose they are; undefined: those of whoever looks.
  owner: string | undefined;
}

export const LimitsContext = createContext<Limits>({ limits: [], owner: undefined });

// limitVars is what rules see of limits: a number by the key of each.
export function limitVars(limits: readonly Authority[] | undefined): RecordData {
  return Object.fromEntries((limits ?? []).map(({ key, value }) => [key, value]));
}
