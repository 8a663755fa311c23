import { expect, test } from 'vitest';
import { dayAfter, dayOf, period } from './period';

const noon = new Date(2026, 2, 2, 12).getTime();

test('period/runs_from_now_on_the_first_day_to_the_end_of_the_last', () => {
  expect(dayOf(noon)).toBe('2026-03-02');
  expect(period('2026-03-02', '2026-03-03', noon)).toEqual({ startsAt: new Date(noon).toISOString(), endsAt: new Date(2026, 2, 4).toISOString() });
  expect(period('2026-03-05', '2026-03-05', noon)).toEqual({ startsAt: new Date(2026, 2, 5).toISOString(), endsAt: new Date(2026, 2, 6).toISOString() });
});

test('dayAfter/goes_over_the_end_of_months_and_years', () => {
  expect(dayAfter('2026-02-27', 2)).toBe('2026-03-01');
  expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01');
});
