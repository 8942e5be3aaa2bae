import fs from 'node:fs';
import { errnoOf, escapeText, TrainerError } from '../core/errors.ts';
import { fileError, readFileCapped } from '../core/files.ts';
import { checkFormat } from '../core/format-version.ts';
import { type LogLine, logLineSchema } from './log-schema.ts';

/** A run's history, open for appending. */
export interface MetricsLog {
  /** Checks a line against the schema and appends it. @throws TrainerError `E_DISK_FULL` or `E_IO`. */
  readonly append: (line: LogLine) => void;
  /** Makes all lines so far durable. */
  readonly sync: () => void;
  /** Whether the open file is still the one of this name: somebody may have removed or moved it. */
  readonly isInPlace: () => boolean;
  readonly close: () => void;
}

/** Beyond this its text would not fit into one string. */
const maxSizeBytes = 256 * 1024 * 1024;

/**
 * Opens a log for appending, and creates it where it is absent; one that must be new, only there. A line that a crash cut
 * off is ended first.
 */
export function openMetricsLog(file: string, { isNew = false } = {}): MetricsLog {
  const handle = guard('open', file, () => fs.openSync(file, isNew ? 'ax+' : 'a+'));
  guard('write', file, () => {
    const { size } = fs.fstatSync(handle);
    const last = Buffer.alloc(1);
    if (size > 0 && fs.readSync(handle, last, 0, 1, size - 1) === 1 && last.toString() !== '\n')
      fs.writeSync(handle, '\n');
  });
  return {
    append: (line) => {
      const checked = logLineSchema.parse(line);
      guard('write', file, () => {
        let bytes = Buffer.from(`${JSON.stringify(checked)}\n`);
        while (bytes.length > 0) bytes = bytes.subarray(fs.writeSync(handle, bytes));
      });
    },
    sync: () => guard('sync', file, () => fs.fsyncSync(handle)),
    isInPlace: () => isSameFile(handle, file),
    close: () => guard('close', file, () => fs.closeSync(handle)),
  };
}

/**
 * Reads a log as it counts: a line cut off by a crash is dropped, and where the run was resumed at an earlier step, the
 * lines after that step are forgotten.
 *
 * @throws TrainerError `E_NO_INPUT`, or `E_MODEL_FORMAT` naming the first whole line that is not a log line.
 */
export function readMetricsLog(file: string): readonly LogLine[] {
  const lines: LogLine[] = [];
  const texts = readFileCapped(file, maxSizeBytes, 'E_MODEL_FORMAT').toString('utf8').split('\n');
  texts.forEach((text, index) => {
    const value = parseJson(text);
    if (value === undefined) return;
    checkFormat(value, { file, key: 'v' });
    const parsed = logLineSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new TrainerError(
        'E_MODEL_FORMAT',
        `cannot read log.jsonl: line ${index + 1}: ${escapeText(issue?.path.join('.') || 'it')}: ${issue?.message}`,
        { path: file },
      );
    }
    lines.push(parsed.data);
  });
  return dropForgotten(lines);
}

/** A line that is not JSON was cut off by a crash. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSameFile(handle: number, file: string): boolean {
  try {
    const [own, named] = [fs.fstatSync(handle), fs.statSync(file)];
    return own.ino === named.ino && own.dev === named.dev;
  } catch (error) {
    // A disk in trouble takes nothing away: the next write reports it.
    return !['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
  }
}

/** From the end, since the lowest of all later resumptions decides: one pass, however often the run was resumed. */
function dropForgotten(lines: readonly LogLine[]): readonly LogLine[] {
  let resumedAt = Infinity;
  const kept: LogLine[] = [];
  for (const line of lines.toReversed()) {
    // At step 0 nothing has been trained: resuming from there is starting over.
    const isBefore =
      resumedAt > 0 && line.event !== 'ended' && line.event !== 'started' && line.step <= resumedAt;
    if (line.event === 'started' || resumedAt === Infinity || isBefore) kept.push(line);
    if (line.event === 'resumed') resumedAt = Math.min(resumedAt, line.step);
  }
  return kept.reverse();
}

function guard<Result>(verb: string, file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw fileError(error, verb, file);
  }
}
