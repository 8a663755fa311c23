import { describe, expect, it } from 'vitest';
import { readAssignment } from './assignment-words';

describe('readAssignment', () => {
  it('reads_what_is_there_of_a_half_done_draft', () => {
    expect(readAssignment({})).toEqual({ form: '', categories: [] });
    expect(readAssignment({ form: 7, categories: [null, 'x', { key: 'a', when: { cel: 'true' }, strategies: [{ type: 'byValue', rows: [{ match: 'x' }] }] }], capacity: { open: '9' } })).toEqual({
      form: '',
      categories: [{ key: 'a', when: 'true', strategies: [{ type: 'byValue', link: '', who: [], rows: [{ match: [], who: [], pick: '' }] }] }],
    });
  });
  it('reads_limits', () => {
    const { capacity, pool } = readAssignment({ capacity: { open: 9 }, pool: { roles: ['rep'], maxOpen: 5, takeBack: { after: 2, unit: 'days' } } });
    expect(capacity).toBe(9);
    expect(pool).toEqual({ roles: ['rep'], maxOpen: 5, takeBack: { after: 2, unit: 'days' } });
  });
});
