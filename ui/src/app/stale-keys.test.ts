import { expect, test } from 'vitest';
import { staleKeys } from './stale-keys';

test('staleKeys/a_changed_record_makes_its_own_form_old_and_no_other', () => {
  expect(staleKeys({ collection: 'records.sales.opportunity', id: 'r1' })).toEqual([
    ['records', 'sales', 'opportunity'],
    ['board', 'sales', 'opportunity'],
    ['actions', 'sales', 'opportunity', 'r1'],
    ['today'],
  ]);
});

test('staleKeys/a_task_touches_the_day_and_an_unknown_collection_itself', () => {
  expect(staleKeys({ collection: 'tasks', id: 't' })).toEqual([['tasks'], ['today']]);
  expect(staleKeys({ collection: 'cards', id: 'c' })).toEqual([['cards']]);
});
