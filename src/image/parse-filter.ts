import { escapeText, TrainerError } from '../core/errors.ts';
import { maxFilterSide } from './filters.ts';

/** Weights beyond this would lose the last digits of their sums. */
const largestWeight = 1e6;

/**
 * Reads the rows of a filter: a JSON list of lists, `[[0,1],[-1,0]]`, or numbers as text, `0 1; -1 0`, a row up to each
 * semicolon or line end.
 *
 * @throws TrainerError `E_USAGE` that names the row and the number.
 */
export function parseFilterRows(given: string): readonly (readonly number[])[] {
  const rows = given.trim().startsWith('[') ? parseJsonRows(given) : parseTextRows(given);
  const [first] = rows;
  if (first === undefined) throw filterError('it has no rows');
  if (rows.length > maxFilterSide) throw filterError(`it has ${rows.length} rows, at most ${maxFilterSide}`);
  rows.forEach((row, index) => checkRow(row, index + 1, first.length));
  return rows.map((row, index) => row.map((weight, at) => toWeight(weight, index + 1, at + 1)));
}

function parseJsonRows(given: string): readonly (readonly unknown[])[] {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    throw filterError(`"${escapeText(given)}" is not JSON`);
  }
  const rows: readonly unknown[] = Array.isArray(value) ? value : [];
  return rows.map((row, index) => {
    if (Array.isArray(row)) return row;
    throw filterError(`row ${index + 1} is ${escapeText(JSON.stringify(row))}, expected a list of numbers`);
  });
}

function parseTextRows(given: string): readonly (readonly string[])[] {
  const rows = given.split(/[;\n]/).map((row) => row.trim());
  if (rows.at(-1) === '') rows.pop();
  return rows.map((row) => (row === '' ? [] : row.split(/\s*,\s*|\s+/)));
}

function checkRow(row: readonly unknown[], number: number, expected: number): void {
  if (row.length === 0) throw filterError(`row ${number} is empty`);
  if (row.length > maxFilterSide) {
    throw filterError(`row ${number} has ${row.length} numbers, at most ${maxFilterSide}`);
  }
  if (row.length !== expected) {
    throw filterError(`rows differ in length: row 1 has ${expected}, row ${number} has ${row.length}`);
  }
}

function toWeight(given: unknown, row: number, column: number): number {
  const isNumeral = typeof given === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given);
  const weight = typeof given === 'number' || isNumeral ? Number(given) : Number.NaN;
  if (Math.abs(weight) <= largestWeight) return weight;
  const shown = typeof given === 'string' ? `"${given}"` : JSON.stringify(given);
  throw filterError(
    `number ${column} of row ${row} is ${escapeText(shown)}, expected a number from -1,000,000 to 1,000,000`,
  );
}

function filterError(problem: string): TrainerError {
  return new TrainerError('E_USAGE', `cannot read the rows of --kernel: ${problem}`, {
    hint: 'Rows are written as JSON, or as text with a semicolon after each:',
    retryWith: { kernel: '0 1 0; 1 -4 1; 0 1 0' },
  });
}
