import type { Examples } from '../data/split.ts';
import { evaluateModel } from '../evaluate/evaluate.ts';
import type { Model } from '../model/model.ts';
import { type Shift, shiftImages } from '../model/shift-images.ts';

export type Direction = keyof Shift;

/** How well shifted images are read. */
export interface ShiftMeasure {
  readonly direction: Direction;
  /** Pixels in that direction. */
  readonly shift: number;
  readonly correct: number;
  readonly count: number;
  /** The part of all ink that is still inside the images, 0 to 1. */
  readonly ink: number;
}

/**
 * Measures a model on examples shifted by -reach to reach pixels, first horizontally, then vertically, and yields after
 * each evaluation.
 */
export async function* measureShifts(
  model: Model,
  examples: Examples,
  reach: number,
): AsyncGenerator<ShiftMeasure> {
  const ink = sumOf(examples.images);
  for (const direction of ['right', 'down'] as const) {
    for (let shift = 0 - reach; shift <= reach; shift++) {
      const images = shiftImages(examples.images, { right: 0, down: 0, [direction]: shift });
      const { correct } = await evaluateModel(model, { ...examples, images });
      const left = ink === 0 ? 1 : sumOf(images) / ink;
      yield { direction, shift, correct, count: examples.count, ink: left };
    }
  }
}

/** How far features have moved from what they were, in parts of their own size: |after - before| / |before|, Euclidean. */
export function relativeChange(before: Float32Array, after: Float32Array): number {
  let [distance, size] = [0, 0];
  before.forEach((value, index) => {
    distance += ((after[index] ?? 0) - value) ** 2;
    size += value ** 2;
  });
  return size === 0 ? 0 : Math.sqrt(distance / size);
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index++) sum += bytes[index] ?? 0;
  return sum;
}
