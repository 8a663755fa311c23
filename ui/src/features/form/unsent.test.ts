import { expect, test, vi } from 'vitest';
import { discardUnsent, loadUnsent, saveUnsent, unsentKey } from './unsent';

const key = unsentKey('u1', 'sales', 'opportunity', undefined);

test('unsent/what_is_saved_is_there_after_a_reload', () => {
  expect(saveUnsent(key, { at: Date.now(), rev: 3, values: { a: 1, b: null } })).toBe(true);
  expect(loadUnsent(key)).toMatchObject({ rev: 3, values: { a: 1, b: null } });
  discardUnsent(key);
  expect(loadUnsent(key)).toBeUndefined();
});

test('unsent/people_and_records_are_kept_apart', () => {
  expect(unsentKey('u1', 'a', 'f', 'r1')).not.toBe(unsentKey('u2', 'a', 'f', 'r1'));
  expect(unsentKey('u1', 'a', 'f', undefined)).not.toBe(unsentKey('u1', 'a', 'f', 'r1'));
  expect(unsentKey('u1', 'a/b', 'c', 'd')).not.toBe(unsentKey('u1', 'a', 'b/c', 'd'));
});

test('unsent/old_or_damaged_input_is_not_brought_back', () => {
  saveUnsent(key, { at: Date.now() - 40 * 24 * 3600_000, rev: 0, values: { a: 1 } });
  expect(loadUnsent(key)).toBeUndefined();
  localStorage.setItem(key, '{"at":');
  expect(loadUnsent(key)).toBeUndefined();
});

test('unsent/full_storage_is_told_and_not_thrown', () => {
  vi.stubGlobal('localStorage', {
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  });
  expect(saveUnsent(key, { at: Date.now(), rev: 0, values: { a: 1 } })).toBe(false);
  vi.unstubAllGlobals();
});
