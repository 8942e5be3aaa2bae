import os from 'node:os';
import { tf } from '../src/backend/tf.ts';

/** The machine and the versions that a figure was taken with, in a line each. TensorFlow is loaded. */
export function describeSurroundings(): string {
  return `${describeMachine()}, tfjs ${tf.version.tfjs}`;
}

/** The same where TensorFlow is not loaded. */
export function describeMachine(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return [
    `machine: ${cpus[0]?.model ?? 'unknown'}, ${cpus.length} cores, ${memory} GiB, ${process.platform}-${process.arch}, load ${os.loadavg()[0]?.toFixed(1)}`,
    `versions: Node ${process.versions.node}`,
  ].join('\n');
}

/** Median, smallest and largest of some measurements. */
export function summarize(values: readonly number[]): {
  readonly median: number;
  readonly low: number;
  readonly high: number;
} {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const median = ((sorted[middle] ?? 0) + (sorted[Math.ceil(sorted.length / 2 - 1)] ?? 0)) / 2;
  return { median, low: sorted[0] ?? 0, high: sorted.at(-1) ?? 0 };
}
