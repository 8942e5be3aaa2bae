import type { Comparison } from './compare.ts';

/** A line of the closed table. */
export interface ClosedRow extends Comparison {
  readonly what: string;
  /** The target of the ratio. */
  readonly target: { readonly atLeast?: number; readonly below?: number };
}

/** A row as a line of text: ratio, spread, target, both times. Times of one image are also given as images a second. */
export function formatRow({ what, target, ratio, aMs, bMs, rounds, disturbed, load }: ClosedRow): string {
  const asked =
    target.atLeast === undefined
      ? target.below === undefined
        ? ''
        : `, target below ${target.below}`
      : `, target at least ${target.atLeast}`;
  const spread = `${formatRatio(ratio.low)} to ${formatRatio(ratio.high)}, ${rounds.length} rounds`;
  const times = `${formatTime(bMs.median)} / ${formatTime(aMs.median)}`;
  const doubt = disturbed === 0 ? '' : `; NOT VALID: other programs were running during ${disturbed} rounds`;
  return `${what.padEnd(48)} ${formatRatio(ratio.median).padStart(6)} (${spread}${asked}); ${times}; load ${load.toFixed(1)}${doubt}`;
}

/** Two decimals below 10, one from there on. */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 1);
}

function formatTime(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 0.2 ? `${Math.round(1000 / ms).toLocaleString('en-US')} images/s` : `${ms.toFixed(2)} ms`;
}
