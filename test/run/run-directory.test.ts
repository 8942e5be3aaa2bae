import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { readRunConfig } from '../../src/run/run-config.ts';
import { createRun, findEnd, findResumePoint, resumeRun } from '../../src/run/run-directory.ts';
import type { StepEvent } from '../../src/train/events.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { createConfig } from '../support/run-config.ts';
import { createState } from '../support/training-state.ts';

afterEach(() => vi.restoreAllMocks());

const config = createConfig();
const at = new Date('2026-01-02T03:04:05.678Z');
const started = {
  at: at.toISOString(),
  architecture: 'cnn',
  parameters: 28_938,
  trainImages: 100,
  stepsPerEpoch: 10,
  epochs: 1,
};
const withoutType = (step: number) => ({
  step,
  epoch: step / 10,
  elapsedMs: step * 100,
  learningRate: 0.001,
  test: { loss: 0.5, accuracy: 0.75 },
});
const point = (step: number): StepEvent => ({ type: 'step', ...withoutType(step) });
const create = (folder = path.join(createTempFolder(), 'net')) =>
  createRun(folder, { config, started, keep: 3 });

describe('a new run', () => {
  test('has its config, its log and its table from the start', () => {
    const run = create();
    run.close();
    expect([
      fs.readdirSync(run.folder),
      readRunConfig(run.folder),
      readMetricsLog(path.join(run.folder, 'log.jsonl')),
    ]).toEqual([
      ['config.json', 'log.jsonl', 'results.csv'],
      config,
      [{ v: 1, event: 'started', ...started }],
    ]);
  });

  test('that starts from a given state can be resumed from it at once', () => {
    const initial = createState(0, { optimizer: [] });
    const folder = path.join(createTempFolder(), 'net');
    createRun(folder, { config, started, keep: 3, initial }).close();
    expect(findResumePoint(folder)).toMatchObject({ state: initial, skipped: [] });
  });

  test('appends a log point to log and table', () => {
    const run = create();
    run.append(point(0));
    run.append(point(5));
    run.close();
    expect([run.points(), fs.readFileSync(path.join(run.folder, 'results.csv'), 'utf8').split('\n')]).toEqual(
      [
        [withoutType(0), withoutType(5)],
        [
          'step,epoch,time,lr,train/loss,train/acc,val/loss,val/acc,test/loss,test/acc',
          '0,0,0,0.001,,,,,0.5,0.75',
          '5,0.5,0.5,0.001,,,,,0.5,0.75',
          '',
        ],
      ],
    );
  });

  test('does not log every step', () => {
    const run = create();
    run.append({ type: 'progress', step: 1, loss: 1, elapsedMs: 1 });
    run.close();
    expect(readMetricsLog(path.join(run.folder, 'log.jsonl')).length).toBe(1);
  });

  test('logs a checkpoint once it is saved, the log before it durable first', () => {
    const run = create();
    const calls: string[] = [];
    const { fsyncSync, renameSync } = fs;
    vi.spyOn(fs, 'fsyncSync').mockImplementation((handle) => {
      calls.push('sync');
      fsyncSync(handle);
    });
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      calls.push('rename');
      renameSync(from, to);
    });
    run.save(createState(5), 'interval');
    run.close();
    expect([calls, readMetricsLog(path.join(run.folder, 'log.jsonl')).at(-1)]).toEqual([
      ['sync', 'sync', 'rename', 'sync'],
      { v: 1, event: 'checkpoint', step: 5, reason: 'interval', file: 'step-000005.ckpt' },
    ]);
  });

  test('gives the state of an earlier checkpoint', () => {
    const run = create();
    run.save(createState(5), 'interval');
    run.save(createState(6), 'interval');
    run.close();
    expect(run.stateAt(5)).toEqual(createState(5));
  });

  test('below a file cannot be created', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, '');
    expect(catchError(() => create(path.join(file, 'net')))).toMatchObject({
      code: 'E_NOT_WRITABLE',
      message: 'cannot create net: a part of the path is not a folder (ENOTDIR)',
    });
  });
});

describe('the end of a run', () => {
  const endWith = (reason: 'finished' | 'interrupted' | 'patience') => {
    const run = create();
    run.append({ type: 'ended', reason, step: 10, elapsedMs: 1000 });
    run.close();
    return findEnd(run.folder);
  };

  test.each(['finished', 'patience'] as const)('is found where it was %s', (reason) => {
    expect(endWith(reason)).toEqual({ v: 1, event: 'ended', reason, step: 10, elapsedMs: 1000 });
  });

  test('has not come where it was interrupted', () => {
    expect(endWith('interrupted')).toBeUndefined();
  });

  test('has not come in a folder without a log', () => {
    expect(findEnd(createTempFolder())).toBeUndefined();
  });
});

describe('a run that stopped', () => {
  test('resumes from its newest checkpoint, and temp files of the dead are gone', () => {
    const run = create();
    run.save(createState(5), 'interval');
    run.close();
    const checkpoints = path.join(run.folder, 'checkpoints');
    fs.writeFileSync(path.join(run.folder, 'model.json.tmp-999999999-0a'), '');
    fs.writeFileSync(path.join(checkpoints, 'step-000006.ckpt.tmp-999999999-0a'), '');
    const point5 = findResumePoint(run.folder);
    expect([
      'state' in point5 && point5.state,
      fs.readdirSync(checkpoints),
      fs.existsSync(path.join(run.folder, 'model.json.tmp-999999999-0a')),
    ]).toEqual([createState(5), ['step-000005.ckpt'], false]);
  });

  test('before its first checkpoint begins again', () => {
    const run = create();
    run.close();
    expect(findResumePoint(run.folder)).toEqual({ skipped: [] });
  });

  test('with its newest checkpoint damaged resumes from the one before and keeps the damaged', () => {
    const run = create();
    run.save(createState(5), 'interval');
    run.save(createState(6), 'interval');
    run.close();
    const damaged = path.join(run.folder, 'checkpoints', 'step-000006.ckpt');
    fs.truncateSync(damaged, 20);
    const found = findResumePoint(run.folder);
    expect(['state' in found && found.state.step, found.skipped]).toEqual([
      5,
      [
        {
          file: damaged,
          reason: 'cannot read step-000006.ckpt: it has 20 bytes, fewer than the 48 of its fixed header',
        },
      ],
    ]);
    expect(fs.existsSync(`${damaged}.bad`)).toBe(true);
  });

  test('with its only checkpoint damaged is refused, and nothing is touched', () => {
    const run = create();
    run.save(createState(5), 'interval');
    run.close();
    fs.truncateSync(path.join(run.folder, 'checkpoints', 'step-000005.ckpt'), 20);
    const before = readTree(run.folder);
    expect(catchError(() => findResumePoint(run.folder)).code).toBe('E_MODEL_FORMAT');
    expect(readTree(run.folder)).toEqual(before);
  });

  test('is resumed with the log points up to there, in log and table', () => {
    const run = create();
    for (const step of [0, 5, 10]) run.append(point(step));
    run.close();
    const again = resumeRun(run.folder, { config, step: 5, keep: 3, at });
    again.append(point(7));
    again.close();
    const table = fs.readFileSync(path.join(run.folder, 'results.csv'), 'utf8').trim().split('\n');
    expect([again.points().map(({ step }) => step), table.map((row) => row.split(',')[0])]).toEqual([
      [0, 5, 7],
      ['step', '0', '5', '7'],
    ]);
  });

  test('is resumed after a crash in the middle of a log line', () => {
    const run = create();
    for (const step of [0, 5]) run.append(point(step));
    run.close();
    const log = path.join(run.folder, 'log.jsonl');
    fs.truncateSync(log, fs.statSync(log).size - 9);
    const again = resumeRun(run.folder, { config, step: 0, keep: 3, at });
    again.append(point(0));
    again.close();
    expect(readMetricsLog(log).map(({ event }) => event)).toEqual(['started', 'resumed', 'step']);
  });
});
