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
 * How familiar an example is by its logits: the log-sum-exp of the logits less their mean. The log-sum-exp is the negative
 * energy of Liu et al. (2020, Energy-based Out-of-distribution Detection), low for what is unlike the training data. Softmax
 * leaves open what is added to all logits; without their mean, so does this.
 */
export function familiarityOf(logits: Float32Array): number {
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
  const largest = largestOf(logits);
  return largest - mean + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

function largestOf(logits: Float32Array): number {
  return logits.reduce((left, right) => Math.max(left, right), -Infinity);
}
