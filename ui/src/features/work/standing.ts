import type { RecordView, Task } from './record-view';

export type PartState = 'approved' | 'rejected' | 'abstained' | 'turn' | 'later';

// Part is one person of a task, with where their decision stands.
export interface Part {
  id: string;
  state: PartState;
  // standIns may decide in their place now.
  standIns: string[];
  // to is whose part they were added to, where they are an added signer.
  to?: string;
}

// partsOf are the people of an open task in their order.
export function partsOf({ assignees, approved = [], rejected = [], abstained = [], waiting, stands = [], added = [] }: Task): Part[] {
  // A list does not say who can act now: then it is everybody who has not decided.
  const turn = new Set(waiting ?? assignees);
  return assignees.map((id) => {
    const to = added.find((one) => one.user === id)?.to;
    const standIns = stands.filter((one) => one.for === id).map((one) => one.by);
    return { id, state: stateOf(id), standIns, ...(to !== undefined && { to }) };
  });

  function stateOf(id: string): PartState {
    if (approved.includes(id)) return 'approved';
    if (rejected.includes(id)) return 'rejected';
    if (abstained.includes(id)) return 'abstained';
    return turn.has(id) ? 'turn' : 'later';
  }
}

// tally counts what a task of several people has so far.
export function tally(parts: readonly Part[]): { approved: number; of: number } {
  return { approved: parts.filter(({ state }) => state === 'approved').length, of: parts.length };
}

// standsClear tells that the page says it all without a panel: one task, which is the reader's own.
export function standsClear({ tasks = [], waits = [], suspension, undo }: RecordView): boolean {
  if (waits.length > 0 || suspension || undo) return false;
  const [only] = tasks;
  return tasks.length === 0 || (tasks.length === 1 && only?.mine === true && only.assignees.length === 1);
}
