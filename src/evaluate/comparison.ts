import type { PairedCounts } from './mcnemar.ts';

/** An example that two models read differently. */
export interface Difference {
  /** Where it stands among the examples. */
  readonly index: number;
  readonly label: number;
  /** What the first and the second model read. */
  readonly first: number;
  readonly second: number;
  /** Which of the two is right. */
  readonly right: keyof Pick<PairedCounts, 'onlyFirst' | 'onlySecond' | 'neither'>;
}

/** The examples whose two predictions differ, in their order: labels and predictions [n] each. */
export function findDifferences(
  labels: Uint8Array,
  firstPredictions: Uint8Array,
  secondPredictions: Uint8Array,
): readonly Difference[] {
  return Array.from(labels).flatMap((label, index) => {
    const first = firstPredictions[index] ?? 0;
    const second = secondPredictions[index] ?? 0;
    if (first === second) return [];
    const right = first === label ? 'onlyFirst' : second === label ? 'onlySecond' : 'neither';
    return [{ index, label, first, second, right }];
  });
}
