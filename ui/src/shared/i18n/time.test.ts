import i18next from 'i18next';
import { expect, test } from 'vitest';
import { formatBytes, formatMoney, formatNumber } from './numbers';
import { timeWords } from './time';

// Local times, so that the test means the same in every time zone.
const at = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute).toISOString();
const words = (language: string) => timeWords(language, Date.parse(at(10, 14)), i18next.getFixedT(language));

test.each([
  [at(10, 17), 'today', '今天 17:00 到期'],
  [at(11, 9), 'soon', '明天 09:00 到期'],
  [at(13, 9), 'later', '周五 09:00 到期'],
  [at(25, 9), 'later', '3月25日到期'],
  [at(10, 13, 20), 'overdue', '已逾期 40 分钟'],
  [at(10, 8), 'overdue', '已逾期 6 小时'],
  [at(7, 14), 'overdue', '已逾期 3 天'],
])('due/%s_is_%s', (iso, urgency, said) => {
  expect(words('zh-CN').due(iso)).toMatchObject({ urgency, words: said });
});

test('due/english_counts_in_the_singular_too', () => {
  expect(words('en').due(at(9, 14)).words).toBe('1 day overdue');
  expect(words('en').due(at(10, 17)).words).toBe('Due today 17:00');
});

test('moments/leave_out_what_everybody_knows', () => {
  const zh = words('zh-CN');
  expect(zh.moment(at(10, 9, 5))).toBe('09:05');
  expect(zh.moment(at(9, 9, 5))).toBe('昨天 09:05');
  expect(zh.moment(at(2, 9, 5))).toBe('3月2日 09:05');
  expect(zh.ago(at(10, 13, 58))).toBe('2 分钟前');
  expect(zh.date('2026-03-02')).toBe('2026年3月2日');
  expect(zh.date('soon')).toBe('soon');
});

test('numbers/are_written_as_people_read_them', () => {
  expect(formatNumber(1234567.891, 'en')).toBe('1,234,567.891');
  expect(formatNumber(2, 'en', 2)).toBe('2.00');
  expect(formatMoney(1280000, 'zh-CN', 'CNY')).toBe('¥1,280,000');
  expect(formatMoney(12.5, 'en', 'EUR')).toBe('€12.50');
  expect([0, 900, 1024, 1536, 20 * 1024 * 1024].map(formatBytes)).toEqual(['0 B', '900 B', '1 KB', '1.5 KB', '20 MB']);
});
