import { describe, expect, it } from 'vitest';
import { asLimit, limitOf } from './limit-rows';

describe('asLimit', () => {
  it('reads rows for roles and for people', () => {
    const document = { kind: 'limit', default: 0, rows: [{ role: 'rep', value: 5 }, { person: 'u1', unlimited: true, note: 'June' }] };
    expect(asLimit(document)).toBe(document);
    expect(asLimit({ default: 1 })).toEqual({ default: 1 });
  });

  it('leaves what it cannot show to the text', () => {
    for (const broken of [{}, { default: '1' }, { default: 1, rows: {} }, { default: 1, rows: [null] }, { default: 1, rows: [{ value: 1 }] }, { default: 1, rows: [{ role: 'rep', person: 'u1' }] }, { default: 1, rows: [{ role: 'rep', value: '5' }] }]) {
      expect(asLimit(broken)).toBeUndefined();
    }
  });
});

describe('limitOf', () => {
  it('has a value or no limit, never both', () => {
    expect(limitOf({ role: 'rep', value: 5 }, { unlimited: true })).toEqual({ role: 'rep', unlimited: true });
    expect(limitOf({ role: 'rep', unlimited: true }, { unlimited: false })).toEqual({ role: 'rep', value: 0 });
  });

  it('drops an empty note', () => {
    expect(limitOf({ person: 'u1', value: 2, note: 'x' }, { note: '' })).toEqual({ person: 'u1', value: 2 });
  });
});
