import { describe, expect, test } from 'vitest';
import { parseFilterRows } from '../../src/image/parse-filter.ts';
import { readError } from '../support/read-error.ts';

describe('parseFilterRows', () => {
  test.each([
    ['[[0, 1], [-1, 0.5]]', 'JSON'],
    ['0 1; -1 .5', 'text with spaces'],
    ['0,1;-1,.5;', 'text with commas and a last semicolon'],
    [' 0  1 \n -1  5e-1\n', 'lines'],
  ])('reads %j, %s', (given) => {
    expect(parseFilterRows(given)).toEqual([
      [0, 1],
      [-1, 0.5],
    ]);
  });

  test.each([
    ['[[1, 2]', '"[[1, 2]" is not JSON'],
    ['[]', 'it has no rows'],
    ['', 'it has no rows'],
    ['[1, 2]', 'row 1 is 1, expected a list of numbers'],
    ['[[1], []]', 'row 2 is empty'],
    ['1 2;;3 4', 'row 2 is empty'],
    ['1 2 3; 4 5', 'rows differ in length: row 1 has 3, row 2 has 2'],
    ['1 2; 3 x', 'number 2 of row 2 is "x", expected a number from -1,000,000 to 1,000,000'],
    ['[[1, null]]', 'number 2 of row 1 is null, expected a number from -1,000,000 to 1,000,000'],
    ['[["1e9"]]', 'number 1 of row 1 is "1e9", expected a number from -1,000,000 to 1,000,000'],
    ['1e7', 'number 1 of row 1 is "1e7", expected a number from -1,000,000 to 1,000,000'],
    [Array.from({ length: 32 }, () => '1').join(';'), 'it has 32 rows, at most 31'],
    [Array.from({ length: 32 }, () => '1').join(' '), 'row 1 has 32 numbers, at most 31'],
  ])('refuses %j', (given, problem) => {
    expect(readError(() => parseFilterRows(given))).toBe(
      `E_USAGE: cannot read the rows of --kernel: ${problem}`,
    );
  });
});
