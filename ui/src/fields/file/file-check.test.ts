import { expect, test } from 'vitest';
import { checkFile, takesPictures, typeNamesOf } from './file-check';

const pdf = { name: 'KH0231-A.pdf', size: 2048, type: 'application/pdf' };
const rule = { types: ['application/pdf'], maxBytes: 4096 };

test('checkFile/a_right_file_passes', () => {
  expect(checkFile(pdf, rule, 'KH0231')).toBeUndefined();
  expect(checkFile({ ...pdf, name: 'kh0231.PDF', type: '' }, rule, 'KH0231')).toBeUndefined();
  expect(checkFile({ ...pdf, type: 'image/png' }, { types: ['image/*'] }, undefined)).toBeUndefined();
});

test('checkFile/each_rule_refuses_by_name', () => {
  expect(checkFile({ ...pdf, size: 0 }, rule, undefined)).toEqual({ code: 'empty' });
  expect(checkFile({ ...pdf, size: 5000 }, rule, undefined)).toEqual({ code: 'tooLarge', limit: 4096 });
  expect(checkFile({ ...pdf, type: 'image/png' }, rule, undefined)).toEqual({ code: 'wrongType', types: ['application/pdf'] });
  expect(checkFile(pdf, rule, 'KH9999')).toEqual({ code: 'wrongName', part: 'KH9999' });
});

test('checkFile/what_a_browser_cannot_tell_is_left_to_the_server', () => {
  expect(checkFile({ name: 'part.xyz', size: 1, type: '' }, rule, undefined)).toBeUndefined();
  expect(checkFile({ ...pdf, size: 51 * 1024 * 1024 }, {}, undefined)).toMatchObject({ code: 'tooLarge' });
});

test('typeNamesOf/says_what_people_say', () => {
  expect(typeNamesOf(['application/pdf', 'image/*', 'image/png', 'application/msword', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'], { image: 'images' })).toEqual(['PDF', 'images', 'PNG', 'Word']);
  expect(takesPictures({ types: ['application/pdf'] })).toBe(false);
  expect(takesPictures({ types: ['image/*'] })).toBe(true);
});
