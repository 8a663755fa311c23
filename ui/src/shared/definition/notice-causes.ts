import type { Schemas } from '@/shared/client/client';

export type NoticeCause = Schemas['NoticeCause'];

// The reasons for which people are told, those first that come to most people.
export const noticeCauses: readonly NoticeCause[] = [
  'task', 'reminder', 'overdue', 'returned', 'urged', 'mentioned', 'copy', 'entered', 'ended', 'standIn', 'undone', 'escalated', 'held', 'failed', 'actFailed',
];
