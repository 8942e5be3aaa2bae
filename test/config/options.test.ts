import { describe, expect, test } from 'vitest';
import {
  choice,
  decimal,
  duration,
  flagName,
  integer,
  list,
  path,
  paths,
  text,
  toggle,
  variableName,
} from '../../src/config/options.ts';

const wording = { description: 'as a test wants it' };

describe('integer', () => {
  const epochs = integer({ ...wording, default: 1, minimum: 1, maximum: 10_000 });

  test.each([
    ['1', 1],
    ['10000', 10_000],
    ['007', 7],
  ])('takes %s', (given, value) => {
    expect(epochs.parse(given)).toBe(value);
  });

  test.each([
    'abc',
    '0',
    '-1',
    '3.7',
    '1e9',
    'NaN',
    'Infinity',
    '0x10',
    '',
    ' 1',
    '1 ',
    '+1',
    '10001',
    '1_000',
    '١',
  ])('refuses "%s"', (given) => {
    expect(epochs.parse(given)).toBeUndefined();
  });

  test('says what it accepts', () => {
    expect(epochs.accepted).toBe('a whole number from 1 to 10,000');
  });

  test('writes 2^32-1 as a power', () => {
    const seed = integer({ ...wording, default: 0, minimum: 0, maximum: 2 ** 32 - 1 });
    expect(seed.accepted).toBe('a whole number from 0 to 2^32-1');
  });
});

describe('decimal', () => {
  const rate = decimal({ ...wording, default: 0.001, above: 0, maximum: 1e6 });
  const dropout = decimal({ ...wording, default: undefined, minimum: 0, maximum: 0.99 });

  test.each([
    ['0.001', 0.001],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-3', 0.001],
    ['1E6', 1_000_000],
    ['1e+2', 100],
  ])('takes %s', (given, value) => {
    expect(rate.parse(given)).toBe(value);
  });

  test.each(['0', '-1', 'NaN', '1e9', 'Infinity', '', '.', 'e3', '1e-400', '0x1', '1,5', '1000000.1'])(
    'refuses "%s"',
    (given) => {
      expect(rate.parse(given)).toBeUndefined();
    },
  );

  test('takes its minimum', () => {
    expect(dropout.parse('0')).toBe(0);
  });

  test('refuses more than its maximum', () => {
    expect(dropout.parse('1')).toBeUndefined();
  });

  test.each([
    [rate.accepted, 'a number above 0, at most 1e6'],
    [dropout.accepted, 'a number from 0, at most 0.99'],
  ])('says what it accepts: %s', (accepted, words) => {
    expect(accepted).toBe(words);
  });
});

describe('choice', () => {
  const optimizer = choice({ ...wording, default: 'adam', choices: ['adam', 'sgd'] });

  test('takes one of its words', () => {
    expect(optimizer.parse('sgd')).toBe('sgd');
  });

  test.each(['Adam', 'ada', '', 'constructor'])('refuses "%s"', (given) => {
    expect(optimizer.parse(given)).toBeUndefined();
  });

  test('says what it accepts', () => {
    expect(optimizer.accepted).toBe('one of adam, sgd');
  });
});

describe('text and path', () => {
  test('take any text', () => {
    expect(text({ ...wording, default: 'x' }).parse(' a b ')).toBe(' a b ');
  });

  test.each(['', 'a\0b'])('refuse %j', (given) => {
    expect([
      text({ ...wording, default: 'x' }).parse(given),
      path({ ...wording, default: 'x' }).parse(given),
    ]).toEqual([undefined, undefined]);
  });

  test('a path is one', () => {
    expect(path({ ...wording, default: 'x' }).isPath).toBe(true);
  });
});

describe('paths', () => {
  const models = paths({ ...wording, default: ['net'], isFurther: (word) => word === 'other' });

  test('takes one with commas and spaces in it, which has a list of its own', () => {
    expect(models.parse('a, b')).toEqual(['a, b']);
  });

  test.each(['', 'a\0b'])('refuses %j', (given) => {
    expect(models.parse(given)).toBeUndefined();
  });
});

describe('list', () => {
  const mirrors = list({ ...wording, default: [] });

  test('takes several values', () => {
    expect(mirrors.parse('a, b,c')).toEqual(['a', 'b', 'c']);
  });

  test.each(['', 'a,', ',a', 'a,,b', 'a\0'])('refuses %j', (given) => {
    expect(mirrors.parse(given)).toBeUndefined();
  });
});

describe('toggle', () => {
  test.each([
    ['true', true],
    ['false', false],
    ['yes', undefined],
    ['', undefined],
  ])('takes "%s" for %s', (given, value) => {
    expect(toggle(wording).parse(given)).toBe(value);
  });

  test('is on where the bare flag is given, and off without it', () => {
    expect([toggle(wording).bare, toggle(wording).default]).toEqual([true, false]);
  });
});

describe('duration', () => {
  const time = duration({ ...wording, default: undefined });

  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['999999h', 3_599_996_400_000],
  ])('takes %s', (given, valueMs) => {
    expect(time.parse(given)).toBe(valueMs);
  });

  test.each(['0s', '5', 's', '5d', '-5s', '1.5h', '1000000s', ''])('refuses "%s"', (given) => {
    expect(time.parse(given)).toBeUndefined();
  });

  test.each(['1s', '90s', '60s', '61m', '48h', '999999s', '999999m', '999999h'])(
    'writes %s so that it can be read again',
    (given) => {
      const valueMs = time.parse(given);
      expect(time.parse(valueMs === undefined ? '' : (time.format?.(valueMs) ?? ''))).toBe(valueMs);
    },
  );
});

test('a key gives its flag', () => {
  expect(flagName('batchSize')).toBe('batch-size');
});

test('a key gives its variable', () => {
  expect(variableName('batchSize')).toBe('MNIST_CNN_BATCH_SIZE');
});
