import { TrainerError } from '../core/errors.ts';

/** Refuses an argument of our ops. @throws TrainerError `E_INTERNAL` with what was expected and what came. */
export function check(isSound: boolean, what: string, expected: string, actual: string | number): void {
  if (isSound) return;
  const message = `the fused ops cannot run: ${what} is ${actual}, expected ${expected}`;
  throw new TrainerError('E_INTERNAL', message, { expected, actual: String(actual) });
}

/** The same for what has to be one value. */
export function checkEqual<Value extends string | number>(
  what: string,
  actual: Value,
  expected: Value,
): void {
  check(actual === expected, what, String(expected), actual);
}

/** The same for a whole number within bounds, both of them allowed. */
export function checkInteger(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  check(false, what, `a whole number from ${least} to ${most}`, value);
}
