import { expect } from 'vitest';
import type { NamedArray } from '../../src/core/tensor-file.ts';
import type { Architecture } from '../../src/model/architectures.ts';
import { predictLogits } from '../../src/model/forward.ts';
import { buildModel, disposeModel } from '../../src/model/model.ts';
import { writeWeights } from '../../src/model/weights.ts';

/** Expects the same logits of images on the fused ops and on the stock ones; `tolerance` is relative to the largest. */
export async function expectSameLogits(
  architecture: Architecture,
  { weights, images }: { readonly weights: readonly NamedArray[]; readonly images: Uint8Array },
  tolerance: number,
): Promise<void> {
  const [fused, stock] = [buildModel(architecture, 'fused'), buildModel(architecture, 'stock')];
  for (const model of [fused, stock]) writeWeights(model, weights);
  const [left, right] = [await predictLogits(fused, images), await predictLogits(stock, images)];
  const largest = Math.max(...right.map(Math.abs));
  left.forEach((logit, index) => {
    expect(Math.abs(logit - (right[index] ?? Number.NaN))).toBeLessThan(tolerance * largest);
  });
  for (const model of [fused, stock]) disposeModel(model);
}
