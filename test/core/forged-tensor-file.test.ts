import { describe, expect, test } from 'vitest';
import { decodeTensorFile } from '../../src/core/tensor-file.ts';
import { catchError } from '../support/caught.ts';
import { sealHeader } from '../support/sealed-file.ts';

const decode = (given: Uint8Array) => decodeTensorFile(given, 'net/x.ckpt');
const reject = (given: Uint8Array) => catchError(() => decode(given));
const table = (...arrays: readonly object[]) => JSON.stringify({ arrays });

describe('a forged header', () => {
  test.each<[string, string, string]>([
    ['that is not JSON', '{"arrays"', 'its header is not JSON'],
    ['that is a list', '[]', 'its header is not an object'],
    ['that is null', 'null', 'its header is not an object'],
    ['without a table', '{}', 'its header has no table of arrays'],
    ['whose table is an object', '{"arrays":{}}', 'its header has no table of arrays'],
    [
      'with a number for an array',
      '{"arrays":[1]}',
      'its table of arrays has an entry that is not an object',
    ],
    ['with a nameless array', table({}), 'its table of arrays has an entry without a name'],
    ['with an empty name', table({ name: '' }), 'its table of arrays has an entry without a name'],
    ['with no shape', table({ name: 'a' }), 'the array a has an invalid shape'],
    ['with a size of 0', table({ name: 'a', shape: [2, 0] }), 'the array a has an invalid shape'],
    ['with a negative size', table({ name: 'a', shape: [-1] }), 'the array a has an invalid shape'],
    ['with a fraction', table({ name: 'a', shape: [1.5] }), 'the array a has an invalid shape'],
    ['with 1e308', '{"arrays":[{"name":"a","shape":[1e308]}]}', 'the array a has an invalid shape'],
    ['with nine sizes', table({ name: 'a', shape: Array(9).fill(1) }), 'the array a has an invalid shape'],
    ['with a text for a size', table({ name: 'a', shape: ['1'] }), 'the array a has an invalid shape'],
    ['without a byte count', table({ name: 'a', shape: [1] }), 'the array a has an invalid size'],
    [
      'whose shape and bytes differ',
      table({ name: 'a', shape: [2, 2], sizeBytes: 12 }),
      'the array a has shape 2 x 2, 16 bytes, but claims 12',
    ],
    [
      'whose product overflows',
      table({ name: 'a', shape: Array(8).fill(2 ** 39), sizeBytes: 4 }),
      `the array a has shape ${Array(8)
        .fill(2 ** 39)
        .join(' x ')}, ${4 * 2 ** 312} bytes, but claims 4`,
    ],
    [
      'that goes past the end',
      table({ name: 'a', shape: [3], sizeBytes: 12 }),
      'the array a extends past the end of the file',
    ],
    [
      'with a hole behind its arrays',
      table({ name: 'a', shape: [1], sizeBytes: 4 }),
      '4 bytes are left over after its arrays',
    ],
    [
      'with one name twice',
      table({ name: 'a', shape: [1], sizeBytes: 4 }, { name: 'a', shape: [1], sizeBytes: 4 }),
      'the array a appears twice',
    ],
    [
      'with a number type',
      table({ name: 'a', shape: [2], sizeBytes: 8, dtype: 'float16' }),
      'the array a has an unknown entry "dtype"',
    ],
    [
      'with offsets of its own',
      table({ name: 'a', shape: [2], sizeBytes: 8, offset: 4 }),
      'the array a has an unknown entry "offset"',
    ],
    [
      'with a name that drives a terminal',
      table({ name: '\u001b[2J' }),
      'the array \\x1b[2J has an invalid shape',
    ],
  ])('%s is refused (D9, D10, D11)', (_, header, reason) => {
    expect(reject(sealHeader(header, new Uint8Array(8)))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read x.ckpt: ${reason}`,
    });
  });

  test('cannot change what all objects inherit (D12)', () => {
    const header = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"arrays":[]}';
    decode(sealHeader(header));
    expect('polluted' in {}).toBe(false);
  });

  test('nested 100,000 deep exhausts no stack (D12)', () => {
    const deep = `{"arrays":[],"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(decode(sealHeader(deep)).arrays).toEqual([]);
  });

  test('that claims a terabyte allocates nothing (D10)', () => {
    const header = table({ name: 'a', shape: [2 ** 37], sizeBytes: 2 ** 39 });
    const before = process.memoryUsage.rss();
    expect(reject(sealHeader(header)).message).toBe(
      'cannot read x.ckpt: the array a extends past the end of the file',
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
  });
});
