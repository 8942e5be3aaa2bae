/** A share in percent: 0.9831 -> "98.31 %", with `digits` behind the point. */
export function formatPercent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/**
 * A model's score in percent, rounded toward doubt: 0.9831 -> "98.3 %", 0.9996 -> "> 99.9 %", 0.0004 -> "< 0.1 %".
 * It is never 100 or 0 %, since no model is certain.
 */
export function formatScore(score: number): string {
  if (score > 0.999) return '> 99.9 %';
  if (score < 0.001) return '< 0.1 %';
  // 0.001 times a whole number may lie a little below it.
  return `${(Math.floor(1000 * score + 1e-9) / 10).toFixed(1)} %`;
}
