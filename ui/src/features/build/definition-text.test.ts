import { expect, test } from 'vitest';
import { parseDefinition, printDefinition } from './definition-text';

test('parseDefinition/what_was_printed_is_read_again', () => {
  const document = { kind: 'form', key: 'a', schema: { properties: { x: { type: 'string' } } } };
  expect(parseDefinition(printDefinition(document))).toEqual({ document });
});

test('parseDefinition/only_an_object_is_a_definition', () => {
  expect(parseDefinition('[]')).toEqual({ fault: '' });
  expect(parseDefinition('null')).toEqual({ fault: '' });
  expect(parseDefinition('{"a":')).toHaveProperty('fault', expect.stringMatching(/JSON/));
});
