import { TrainerError } from '../../src/core/errors.ts';

/** The error that an action throws, which must be one of the project's own. */
export function catchError(action: () => unknown): TrainerError {
  try {
    action();
  } catch (error) {
    if (error instanceof TrainerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The error that a promise ends in, which must be one of the project's own. */
export async function catchRejection(promise: Promise<unknown>): Promise<TrainerError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TrainerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
