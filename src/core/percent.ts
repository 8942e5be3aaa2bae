/** A share in percent: 0.9831 -> "98.31 %", with `digits` behind the point. */
export function formatPercent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}
