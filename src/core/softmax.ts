/** The probabilities of the logits of one example: exp(logit) over the sum. The largest is subtracted first, so that none overflows. */
export function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((left, right) => Math.max(left, right), -Infinity);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
