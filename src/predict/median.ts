/** The middle of the values, the upper one of two; 0 where there are none. The values are put into another order. */
export function medianOf(values: Float32Array | Float64Array): number {
  const middle = Math.floor(values.length / 2);
  let [first, last] = [0, values.length - 1];
  // Hoare's selection (1961): like his sort, but only the side that holds the middle is gone on with.
  while (first < last) {
    const pivot = values[(first + last) >> 1] ?? 0;
    let [left, right] = [first, last];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left++;
      while ((values[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const kept = values[left] ?? 0;
      values[left++] = values[right] ?? 0;
      values[right--] = kept;
    }
    if (middle <= right) last = right;
    else if (middle >= left) first = left;
    else break;
  }
  return values[middle] ?? 0;
}
