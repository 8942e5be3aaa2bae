import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type LogLine, logLineSchema } from '../../src/run/log-schema.ts';
import { openMetricsLog, readMetricsLog } from '../../src/run/metrics-log.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

afterEach(() => vi.restoreAllMocks());

const started: LogLine = {
  v: 1,
  event: 'started',
  at: '2026-01-02T03:04:05.678Z',
  architecture: 'cnn',
  parameters: 28_938,
  trainImages: 60_000,
  stepsPerEpoch: 1200,
  epochs: 1,
};
const step = (number: number): LogLine => ({
  v: 1,
  event: 'step',
  step: number,
  epoch: number / 1200,
  elapsedMs: number * 10,
  learningRate: 0.001,
  ...(number > 0 && { train: { loss: 0.5, accuracy: 0.9 } }),
  test: { loss: 0.25, accuracy: 0.95 },
});
const checkpoint = (number: number): LogLine => ({
  v: 1,
  event: 'checkpoint',
  step: number,
  reason: 'interval',
  file: `step-${number}.ckpt`,
});
const resumed = (number: number): LogLine => ({
  v: 1,
  event: 'resumed',
  step: number,
  at: '2026-01-02T03:04:05.678Z',
});
const ended: LogLine = { v: 1, event: 'ended', reason: 'finished', step: 100, elapsedMs: 1000 };

function write(...lines: readonly LogLine[]): string {
  const file = path.join(createTempFolder(), 'log.jsonl');
  const log = openMetricsLog(file);
  for (const line of lines) log.append(line);
  log.close();
  return file;
}

describe('a log', () => {
  test('gives back its lines', () => {
    const lines = [started, step(0), step(50), checkpoint(50), ended];
    expect(readMetricsLog(write(...lines))).toEqual(lines);
  });

  test('is one line of JSON an event', () => {
    expect(fs.readFileSync(write(started, ended), 'utf8')).toBe(
      `${JSON.stringify(started)}\n${JSON.stringify(ended)}\n`,
    );
  });

  test('is only ever appended to', () => {
    const file = write(started);
    const before = fs.readFileSync(file);
    const log = openMetricsLog(file);
    log.append(step(0));
    log.close();
    expect(fs.readFileSync(file).subarray(0, before.length).equals(before)).toBe(true);
  });

  test('has each line in the file as soon as it is appended', () => {
    const file = path.join(createTempFolder(), 'log.jsonl');
    const log = openMetricsLog(file);
    log.append(started);
    expect(readMetricsLog(file)).toEqual([started]);
    log.close();
  });

  test('takes no line that is not in the schema', () => {
    const log = openMetricsLog(path.join(createTempFolder(), 'log.jsonl'));
    expect(() => log.append({ ...ended, elapsedMs: Number.NaN })).toThrow(z.ZodError);
    log.close();
  });

  test('continues where the system wrote only a part', () => {
    const { writeSync } = fs;
    const writeFew = (handle: number, bytes: unknown) =>
      bytes instanceof Uint8Array ? writeSync(handle, bytes, 0, Math.min(7, bytes.length)) : 0;
    vi.spyOn(fs, 'writeSync').mockImplementation(writeFew);
    expect(readMetricsLog(write(started))).toEqual([started]);
  });

  test.each([
    ['ENOSPC', 'E_DISK_FULL', 'the disk is full (ENOSPC)'],
    ['EIO', 'E_IO', 'the disk reports an error (EIO)'],
  ])('that cannot be written for %s says so', (errno, code, words) => {
    const log = openMetricsLog(path.join(createTempFolder(), 'log.jsonl'));
    vi.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('as a test wants it'), { code: errno });
    });
    expect(catchError(() => log.append(started))).toMatchObject({
      code,
      message: `cannot write log.jsonl: ${words}`,
    });
    log.close();
  });

  test('that cannot be opened says so', () => {
    expect(
      catchError(() => openMetricsLog(path.join(createTempFolder(), 'missing', 'log.jsonl'))),
    ).toMatchObject({ code: 'E_IO', message: 'cannot open log.jsonl: it does not exist (ENOENT)' });
  });
});

describe('a log cut off by a crash', () => {
  const whole = [started, step(0), step(50)];

  test('at any byte loses its last line at most', () => {
    const file = write(...whole);
    const text = fs.readFileSync(file);
    const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
    for (let length = text.length - 1; length >= lastLine; length--) {
      fs.truncateSync(file, length);
      const kept = length === text.length - 1 ? whole : whole.slice(0, 2);
      expect(readMetricsLog(file)).toEqual(kept);
    }
  });

  test('continues with a new line, and the cut one stays dropped', () => {
    const file = write(...whole);
    fs.truncateSync(file, fs.statSync(file).size - 20);
    const log = openMetricsLog(file);
    log.append(step(50));
    log.close();
    expect(readMetricsLog(file)).toEqual(whole);
  });
});

describe('a line that the run was resumed', () => {
  test('makes its reader forget later steps before it', () => {
    const lines = [started, step(0), step(50), checkpoint(50), step(100), resumed(50), step(100)];
    expect(readMetricsLog(write(...lines))).toEqual([
      started,
      step(0),
      step(50),
      checkpoint(50),
      resumed(50),
      step(100),
    ]);
  });

  test('makes its reader forget that the run had ended', () => {
    expect(readMetricsLog(write(started, step(100), ended, resumed(100)))).toEqual([
      started,
      step(100),
      resumed(100),
    ]);
  });

  test('many times over is read in one pass: what any of them forgets is gone', () => {
    const lines = [started, step(10), step(90), resumed(50), step(60), resumed(40), checkpoint(45), ended];
    expect(readMetricsLog(write(...lines, resumed(45)))).toEqual([
      started,
      step(10),
      resumed(40),
      checkpoint(45),
      resumed(45),
    ]);
  });

  test('behind 130,000 others, itself 20,000 times, exhausts neither stack nor patience', () => {
    const file = path.join(createTempFolder(), 'log.jsonl');
    const line = (each: LogLine, times: number) => `${JSON.stringify(each)}\n`.repeat(times);
    fs.writeFileSync(file, line(checkpoint(5), 130_000) + line(resumed(7), 20_000));
    const startMs = performance.now();
    expect(readMetricsLog(file)).toHaveLength(150_000);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  test('at step 0 makes its reader forget all but the start', () => {
    expect(readMetricsLog(write(started, step(0), step(50), resumed(0), step(0)))).toEqual([
      started,
      resumed(0),
      step(0),
    ]);
  });
});

describe('a log that cannot be understood', () => {
  test.each([
    [
      'an unknown event',
      '{"v":1,"event":"lunch"}',
      "line 2: event: Invalid discriminator value. Expected 'started' | 'step' | 'checkpoint' | 'resumed' | 'ended'",
    ],
    [
      'a missing value',
      '{"v":1,"event":"ended","reason":"finished","step":1}',
      'line 2: elapsedMs: Invalid input: expected number, received undefined',
    ],
    [
      'a negative step',
      '{"v":1,"event":"resumed","step":-1,"at":""}',
      'line 2: step: Too small: expected number to be >=0',
    ],
    ['a number for a line', '5', 'line 2: it: Invalid input: expected object, received number'],
  ])('because of %s names the line', (_, line, reason) => {
    const file = write(started);
    fs.appendFileSync(file, `${line}\n`);
    expect(catchError(() => readMetricsLog(file))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read log.jsonl: ${reason}`,
      path: file,
    });
  });

  test('because a newer version wrote it says so', () => {
    const file = write(started);
    fs.appendFileSync(file, '{"v":2,"event":"step"}\n');
    expect(catchError(() => readMetricsLog(file))).toMatchObject({
      code: 'E_MODEL_VERSION',
      message: 'cannot read log.jsonl: it has format version 2, but this tool reads up to 1',
    });
  });

  test('because it is missing ends as a missing input', () => {
    expect(catchError(() => readMetricsLog(path.join(createTempFolder(), 'log.jsonl')))).toMatchObject({
      code: 'E_NO_INPUT',
      message: 'cannot read log.jsonl: it does not exist (ENOENT)',
    });
  });
});

test('the schema of a log line can be printed as JSON Schema', () => {
  expect(JSON.stringify(z.toJSONSchema(logLineSchema))).toContain('"const":"started"');
});
