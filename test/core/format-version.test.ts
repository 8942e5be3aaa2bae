import { expect, test } from 'vitest';
import { checkFormat } from '../../src/core/format-version.ts';
import { catchError } from '../support/caught.ts';

test('a file of a newer version is refused with both versions and the way out', () => {
  const error = catchError(() => checkFormat({ format: 2 }, { file: 'net/config.json', key: 'format' }));
  expect(error).toMatchObject({
    name: 'TrainerError',
    code: 'E_MODEL_VERSION',
    message: 'cannot read config.json: it has format version 2, but this tool reads up to 1',
    path: 'net/config.json',
    expected: 'at most 1',
    actual: '2',
    hint: 'It was written by a newer mnist-cnn. Upgrade this one.',
  });
});

test.each([
  ['this version', { format: 1 }],
  ['no version', {}],
  ['a version that is no number', { format: '2' }],
  ['no object', 'format'],
  ['null', null],
])('%s passes: its shape is the schema to judge', (_, value) => {
  expect(() => checkFormat(value, { file: 'config.json', key: 'format' })).not.toThrow();
});
