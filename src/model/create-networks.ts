import type { Network } from './ensemble.ts';
import { predictLogits } from './forward.ts';
import { trustOf } from './metadata.ts';
import type { SavedModel } from './saved-model.ts';
import { shiftImages } from './shift-images.ts';

/** How else each image is looked at: a pixel to the left, to the right, up and down. */
const shifts = [
  { right: -1, down: 0 },
  { right: 1, down: 0 },
  { right: 0, down: -1 },
  { right: 0, down: 1 },
];

/**
 * A network for each model; with `testShifts` four more, which see the images shifted by one pixel. The four have no floor,
 * because a model's floor was measured on images that were not shifted.
 */
export function createNetworks(models: readonly SavedModel[], testShifts = false): readonly Network[] {
  return models.flatMap(({ model, metadata }) => {
    const trust = trustOf(metadata);
    const shifted = shifts.map((shift) => ({
      classify: (images: Uint8Array) => predictLogits(model, shiftImages(images, shift)),
      trust: { ...trust, floor: undefined },
    }));
    const network = { classify: (images: Uint8Array) => predictLogits(model, images), trust };
    return testShifts ? [network, ...shifted] : [network];
  });
}
