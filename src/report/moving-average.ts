/** Neighbors on either side that a moving average of this many values takes: a twentieth of them, at least three. */
export function averageReach(count: number): number {
  return Math.max(3, Math.round(count / 20));
}

/**
 * The moving average of values in their order: each becomes the mean of itself and its neighbors within reach. The first
 * values, where a training falls steeply, have as many neighbors before them as after; the last have those that are there.
 */
export function movingAverage(
  values: readonly number[],
  reach = averageReach(values.length),
): readonly number[] {
  return values.map((_, index) => {
    const radius = Math.min(reach, index);
    const window = values.slice(index - radius, index + radius + 1);
    return window.reduce((sum, value) => sum + value, 0) / window.length;
  });
}
