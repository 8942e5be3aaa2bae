/**
 * The probabilities of the logits of one example: exp(logit / temperature) over the sum. The largest is subtracted
 * first, so that none overflows. A temperature above 1 makes them less certain; their order stays.
 */
export function softmax(logits: Float32Array, temperature = 1): Float64Array {
  const largest = largestOf(logits);
  const powers = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/**
 * The logarithm of the sum of exp(logit) over the logits of one example, computed without overflow. It is the negative
 * energy of Liu et al. (2020, Energy-based Out-of-distribution Detection): low for what is unlike the training data.
 */
export function logSumExp(logits: Float32Array): number {
  const largest = largestOf(logits);
  return largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

function largestOf(logits: Float32Array): number {
  return logits.reduce((left, right) => Math.max(left, right), -Infinity);
}
