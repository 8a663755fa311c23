import type { Schemas } from '@/shared/client/client';

export type NoticeCause = Schemas['NoticeCause'];

// Every reason for which people are told, those first that come to most people.
const order: Record<NoticeCause, true> = {
  task: true, reminder: true, overdue: true, returned: true, urged: true, mentioned: true, copy: true, asked: true, assigned: true, takenBack: true, entered: true, ended: true,
  standIn: true, undone: true, escalated: true, held: true, failed: true, actFailed: true,
};

export const noticeCauses = Object.keys(order) as readonly NoticeCause[];
