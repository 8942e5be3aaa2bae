import { softmax } from '../../src/core/softmax.ts';

/** Bins of equal width, as in Guo et al. (2017). */
const binCount = 15;

/**
 * The expected calibration error, 0 to 1: the distance of accuracy and mean score, averaged over 15 bins of equal width
 * weighted by their examples (Naeini et al. 2015; Guo et al. 2017). Logits `[n, 10]`, labels `[n]`.
 */
export function measureCalibrationError(logits: Float32Array, labels: Uint8Array): number {
  const gaps = new Float64Array(binCount);
  labels.forEach((label, index) => {
    const scores = softmax(logits.subarray(index * 10, index * 10 + 10));
    const score = Math.max(...scores);
    const bin = Math.max(0, Math.ceil(score * binCount) - 1);
    gaps[bin] = (gaps[bin] ?? 0) + score - (scores.indexOf(score) === label ? 1 : 0);
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / labels.length;
}
