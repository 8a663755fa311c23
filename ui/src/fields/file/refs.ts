import type { FileRef } from '@/shared/definition/form';

// refsOf reads the value of a file field; a draft may hold anything.
export function refsOf(value: unknown): FileRef[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).filter((item): item is FileRef => typeof item === 'object' && item !== null && typeof (item as FileRef).id === 'string');
}
