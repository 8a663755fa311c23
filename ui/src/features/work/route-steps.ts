import type { Schemas } from '@/shared/client/client';

// Steps that ask nobody and hold nothing up are the flow's own business.
const quiet = new Set(['stage', 'branch', 'inclusive', 'parallel', 'forEach', 'firstOf', 'update', 'subFlow', 'cc', 'create', 'webhook']);

// shownSteps are the steps of a route that people want to hear about.
export function shownSteps(steps: readonly Schemas['RouteStep'][]): Schemas['RouteStep'][] {
  return steps.filter((step) => !quiet.has(step.type) || (step.people?.length ?? 0) > 0);
}
