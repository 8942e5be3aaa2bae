import path from 'node:path';
import { saveCheckpoint } from '../../src/run/checkpoint.ts';
import { createTempFolder } from './folder.ts';
import { createState } from './training-state.ts';

/** A folder with the checkpoints of steps 10, 20 and 30. */
export function createCheckpoints(): string {
  const folder = createTempFolder();
  for (const step of [10, 20, 30]) saveCheckpoint(folder, createState(step), 5);
  return folder;
}

/** The file of one step in a folder of checkpoints. */
export function fileOf(folder: string, step: number): string {
  return path.join(folder, `step-${String(step).padStart(6, '0')}.ckpt`);
}
