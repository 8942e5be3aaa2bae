import { TrainerError } from '../../src/core/errors.ts';

/** "CODE: message" of the expected failure of a call; fails the test where it succeeds or fails otherwise. */
export function readError(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return formatError(error);
  }
  throw new Error('no error was thrown');
}

/** The same for a promise. */
export async function readRejection(promise: Promise<unknown>): Promise<string> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return formatError(error);
  }
  throw new Error(`no error was thrown, the value is ${String(value)}`);
}

function formatError(error: unknown): string {
  if (!(error instanceof TrainerError)) throw error;
  return `${error.code}: ${error.message}`;
}
