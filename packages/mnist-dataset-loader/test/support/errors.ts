import { expect } from 'vitest';
import { DatasetError } from '../../src/errors.ts';

/** What a call throws, which has to be a DatasetError. */
export async function errorOf(run: () => unknown): Promise<DatasetError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

/** The error word and first line of what a call throws. */
export async function failureOf(run: () => unknown): Promise<string> {
  const { code, message } = await errorOf(run);
  return `${code}: ${message}`;
}
