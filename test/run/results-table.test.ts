import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { appendResultsRow, type ResultsRow, writeResultsTable } from '../../src/run/results-table.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

const header = 'step,epoch,time,lr,train/loss,train/acc,val/loss,val/acc,test/loss,test/acc\n';
const testOnly: ResultsRow = {
  step: 50,
  epoch: 50 / 1200,
  elapsedMs: 1234,
  learningRate: 0.001,
  test: { loss: 1 / 3, accuracy: 0.9505 },
};
const point: ResultsRow = {
  ...testOnly,
  train: { loss: 0.5, accuracy: 0.9 },
  validation: { loss: 0.125, accuracy: 0.96 },
};
const tableOf = (...points: readonly ResultsRow[]) => {
  const file = path.join(createTempFolder(), 'results.csv');
  writeResultsTable(file, points);
  return fs.readFileSync(file, 'utf8');
};

test('a table without points is its header', () => {
  expect(tableOf()).toBe(header);
});

test('a row holds step, epoch, seconds, rate and three scores', () => {
  expect(tableOf(point)).toBe(`${header}50,0.04166667,1.234,0.001,0.5,0.9,0.125,0.96,0.3333333,0.9505\n`);
});

test('what was not measured is an empty cell', () => {
  expect(tableOf(testOnly)).toBe(`${header}50,0.04166667,1.234,0.001,,,,,0.3333333,0.9505\n`);
});

test.each([Number.NaN, Infinity])('a value of %d is an empty cell, never nan', (loss) => {
  expect(tableOf({ ...point, test: { loss, accuracy: 0.5 } })).toBe(
    `${header}50,0.04166667,1.234,0.001,0.5,0.9,0.125,0.96,,0.5\n`,
  );
});

test('a large step keeps all of its digits', () => {
  expect(tableOf({ ...point, step: 123_456_789 }).split('\n')[1]).toMatch(/^123456789,/);
});

test('a row can be appended', () => {
  const file = path.join(createTempFolder(), 'results.csv');
  writeResultsTable(file, []);
  appendResultsRow(file, point);
  expect(fs.readFileSync(file, 'utf8')).toBe(tableOf(point));
});

test('a table that cannot be written says so', () => {
  const file = path.join(createTempFolder(), 'missing', 'results.csv');
  expect(catchError(() => appendResultsRow(file, point)).message).toBe(
    'cannot write results.csv: it does not exist (ENOENT)',
  );
});
