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

/** Opens a log for appending, and creates it where it is absent. A line that a crash cut off is ended first. */
export function openMetricsLog(file: string): MetricsLog {
  const handle = guard('open', file, () => fs.openSync(file, 'a+'));
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
 * @throws TrainerError `E_NO_INPUT`, or `E_MODEL_FORMAT` naming the first whole line that is no log line.
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
    if (parsed.data.event === 'resumed') forgetAfter(parsed.data.step, lines);
    lines.push(parsed.data);
  });
  return lines;
}

/** A line that is no JSON was cut off by a crash. */
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
    // A disk in trouble takes nothing away: that is told by the next write.
    return !['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
  }
}

function forgetAfter(step: number, lines: LogLine[]): void {
  // Nothing is saved at step 0: going on from there is beginning anew.
  const isKept = (line: LogLine) =>
    line.event === 'started' || (step > 0 && line.event !== 'ended' && line.step <= step);
  const kept = lines.filter(isKept);
  lines.splice(0, lines.length, ...kept);
}

function guard<Result>(verb: string, file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw fileError(error, verb, file);
  }
}
