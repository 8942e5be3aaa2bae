/** The middle of the values, the upper one of two; 0 where there are none. The values are sorted in place. */
export function medianOf(values: Float32Array | Float64Array): number {
  return values.sort()[Math.floor(values.length / 2)] ?? 0;
}
