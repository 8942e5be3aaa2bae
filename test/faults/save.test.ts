import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TrainerError } from '../../src/core/errors.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { readRunConfig } from '../../src/run/run-config.ts';
import { createRun, findResumePoint, resumeRun } from '../../src/run/run-directory.ts';
import { failAtCall } from '../support/fail-at-call.mjs';
import { createMemoryFolder } from '../support/folder.ts';
import { preload } from '../support/run-cli.ts';
import { writeRun } from '../support/write-run.mjs';

const child = fileURLToPath(new URL('../support/run-child.mjs', import.meta.url));
const modules = { createRun, findResumePoint, resumeRun, readRunConfig };
const root = createMemoryFolder();
let folders = 0;
const newFolder = () => path.join(root, String(folders++), 'net');

/** Writes the run in this process with one fault, and gives what was told as saved, the calls and the error. */
function write(
  folder: string,
  fault: { readonly at: number; readonly errno: string; readonly forever?: boolean },
) {
  const told: number[] = [];
  const { calls, restore } = failAtCall({ folder, ...fault });
  let error: unknown;
  try {
    writeRun(folder, modules, (step) => told.push(step));
  } catch (thrown) {
    error = thrown;
  } finally {
    restore();
  }
  return { told, calls, error };
}

/** The step of the newest checkpoint that is whole; none before the first. */
function newestOf(folder: string): number | undefined {
  try {
    const { state } = loadNewestCheckpoint(path.join(folder, 'checkpoints'));
    expect(state.weights[0]?.values[63]).toBe(state.step + 63);
    return state.step;
  } catch (error) {
    expect(error).toMatchObject({ code: 'E_NO_CHECKPOINT' });
    return undefined;
  }
}

/** After any fault: what was told as saved is there, the next run goes on from it and ends as if nothing had been. */
function recover(folder: string, told: readonly number[]): void {
  expect(newestOf(folder) ?? 0).toBeGreaterThanOrEqual(Math.max(0, ...told));
  writeRun(folder, modules, () => {});
  expect(newestOf(folder)).toBe(6);
  const lines = readMetricsLog(path.join(folder, 'log.jsonl'));
  const steps = lines.filter((line) => line.event === 'step').map(({ step }) => step);
  expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

function leftOver(folder: string): readonly string[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }) : [];
  return names.map(String).filter((name) => name.includes('.tmp-'));
}

const { calls } = write(newFolder(), { at: 0, errno: 'EIO' });

test('saving makes so many calls that the loops below mean something', () => {
  expect(calls.length).toBeGreaterThan(60);
});

test(`kill -9 at each of the ${calls.length} calls loses nothing that was reported as saved (D5, D7)`, () => {
  for (let at = 1; at <= calls.length; at++) {
    const folder = newFolder();
    const fault = { folder, at, errno: 'KILL', report: path.join(root, 'calls.json') };
    const { signal, stdout } = spawnSync(process.execPath, [...preload('fail-at-call'), child, folder], {
      encoding: 'utf8',
      env: { ...process.env, FAULT: JSON.stringify(fault) },
    });
    expect(signal).toBe('SIGKILL');
    recover(folder, stdout.trim().split('\n').map(Number));
    expect(leftOver(folder), calls[at - 1]).toEqual([]);
  }
});

describe.each(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EMFILE'])('%s', (errno) => {
  test(`once at each of the ${calls.length} calls is reported in words, leaves no temp file and loses nothing (G1, D24, D25)`, () => {
    for (let at = 1; at <= calls.length; at++) {
      const folder = newFolder();
      const { told, error } = write(folder, { at, errno });
      const place = `${at}: ${calls[at - 1]}`;
      if (error !== undefined) {
        expect(error, place).toBeInstanceOf(TrainerError);
        expect(messageOf(error), place).toContain(`(${errno})`);
      }
      // The very call that would have removed it may be the one that fails.
      if (!/unlinkSync/.test(calls[at - 1] ?? '')) expect(leftOver(folder), place).toEqual([]);
      recover(folder, told);
    }
  });

  test('from any call on is reported in words and loses nothing (G1, D24)', () => {
    for (let at = 1; at <= calls.length; at++) {
      const folder = newFolder();
      const { told, error } = write(folder, { at, errno, forever: true });
      expect(error, calls[at - 1]).toBeInstanceOf(TrainerError);
      expect(messageOf(error)).toContain(`(${errno})`);
      recover(folder, told);
    }
  });
});

test('a run that is killed again while it recovers loses nothing (D6)', () => {
  for (let at = 1; at <= calls.length; at += 5) {
    const folder = newFolder();
    const first = write(folder, { at, errno: 'EIO', forever: true });
    for (let again = 1; again <= calls.length; again += 7) {
      const second = write(folder, { at: again, errno: 'EIO', forever: true });
      expect(newestOf(folder) ?? 0).toBeGreaterThanOrEqual(Math.max(0, ...first.told, ...second.told));
    }
    recover(folder, first.told);
  }
});
