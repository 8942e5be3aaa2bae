/** The least of any number of values, `Infinity` of none: as arguments of `Math.min`, 120,000 would exhaust the stack. */
export function least(values: readonly number[]): number {
  return values.reduce((found, value) => Math.min(found, value), Infinity);
}

/** The greatest of any number of values, `-Infinity` of none. */
export function greatest(values: readonly number[]): number {
  return values.reduce((found, value) => Math.max(found, value), -Infinity);
}
