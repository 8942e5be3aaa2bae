import { DatasetError } from '../../packages/mnist-dataset-loader/src/errors.ts';
import { TrainerError } from '../../src/core/errors.ts';
import type { Target } from './target.ts';

/** How a reading ended. */
export interface Judgement {
  /** What is wrong with it; `undefined` where all is well. */
  readonly fault: string | undefined;
  /** The error's word and the shape of its text, or `read`: inputs of a new shape are worth keeping. */
  readonly shape: string;
}

/** Longer readings are finds, in ms. */
export const slowAfterMs = 1000;

/** A first line that fills a screen says nothing. */
const longestMessage = 2000;

/** Runs a target on an input and judges how that ends. What takes long is read again: a busy machine is slow once. */
export async function judge(target: Target, bytes: Buffer): Promise<Judgement> {
  const { elapsedMs, error } = await read(target, bytes);
  const again = elapsedMs > slowAfterMs ? await read(target, bytes) : { elapsedMs, error };
  const isSlow = again.elapsedMs > slowAfterMs;
  const fault = isSlow ? `it took ${Math.round(again.elapsedMs)} ms` : findFault(again.error, target);
  return { fault, shape: shapeOf(again.error) };
}

interface Reading {
  readonly elapsedMs: number;
  readonly error: unknown;
}

async function read(target: Target, bytes: Buffer): Promise<Reading> {
  const startMs = performance.now();
  let error: unknown;
  try {
    const reading = target.run(bytes);
    // Waiting for what is there already costs a third of a short reading.
    if (reading !== undefined) await reading;
  } catch (thrown) {
    error = thrown ?? new Error('nothing was thrown');
  }
  return { elapsedMs: performance.now() - startMs, error };
}

function findFault(error: unknown, { errors }: Target): string | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof TrainerError) && !(error instanceof DatasetError)) {
    return `an untyped error: ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`;
  }
  if (!errors.includes(error.code)) return `an unexpected word, ${error.code}: ${error.message}`;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(error.message)) {
    return `a message that drives a terminal: ${JSON.stringify(error.message)}`;
  }
  if (error.message.length > longestMessage) return `a message of ${error.message.length} characters`;
  return undefined;
}

function shapeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'read';
  return error.message
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/[\d.,]+/g, '0')
    .slice(0, 100);
}
