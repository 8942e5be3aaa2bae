import fs from 'node:fs';
import { fileError, writeFileAtomic } from '../core/files.ts';
import type { StepEvent } from '../train/events.ts';

const header = 'step,epoch,time,lr,train/loss,train/acc,val/loss,val/acc,test/loss,test/acc';

/** Rewrites `results.csv` with these log points; an empty cell is a value that was not measured. */
export function writeResultsTable(file: string, points: readonly ResultsRow[]): void {
  writeFileAtomic(file, `${[header, ...points.map(formatRow)].join('\n')}\n`);
}

/** Appends one log point to `results.csv`. */
export function appendResultsRow(file: string, point: ResultsRow): void {
  try {
    fs.appendFileSync(file, `${formatRow(point)}\n`);
  } catch (error) {
    throw fileError(error, 'write', file);
  }
}

/** What a row needs of a log point. */
export type ResultsRow = Omit<StepEvent, 'type'>;

function formatRow({ step, epoch, elapsedMs, learningRate, train, validation, test }: ResultsRow): string {
  const cells = [step, epoch, elapsedMs / 1000, learningRate];
  for (const score of [train, validation, test])
    cells.push(score?.loss ?? Number.NaN, score?.accuracy ?? Number.NaN);
  return cells.map((cell) => (Number.isFinite(cell) ? formatNumber(cell) : '')).join(',');
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
}
