import { describe, expect, test } from 'vitest';
import { explainLimit } from '../../src/core/limits.ts';
import { createSystemError } from '../support/system-error.ts';

describe('an error that reports a limit of the process', () => {
  test.each([
    ['EMFILE', createSystemError('EMFILE'), 'too many open files in this process (EMFILE)'],
    ['ENFILE', createSystemError('ENFILE'), 'too many open files in this system (ENFILE)'],
    [
      "the loader's words",
      new Error('libx.so: cannot open shared object file: Too many open files'),
      'too many open files in this process',
    ],
  ])('of open files is an error of input and output: %s', (_, error, reason) => {
    expect(explainLimit(error)).toMatchObject({ code: 'E_IO', message: `cannot continue: ${reason}` });
  });

  test.each([
    ['ENOMEM', createSystemError('ENOMEM')],
    ['V8', new RangeError('Array buffer allocation failed')],
    ['the loader', new Error('libx.so: failed to map segment from shared object')],
    ['a cause', new Error('sharp cannot be loaded', { cause: new Error('cannot allocate memory') })],
  ])('of memory is one of the system: %s', (_, error) => {
    expect(explainLimit(error)).toMatchObject({
      code: 'E_OS',
      message: 'cannot continue: there is not enough memory',
      cause: error,
    });
  });
});

test.each([new TypeError('x is undefined'), createSystemError('ENOENT'), 'words', undefined])(
  'an error of another kind reports none: %s',
  (error) => expect(explainLimit(error)).toBeUndefined(),
);
