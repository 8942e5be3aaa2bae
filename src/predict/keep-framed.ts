import type { GrayImage } from '../image/gray.ts';

/** The picture itself, ink light on black, where it has MNIST's framing: nothing may blur it a second time. */
export function keepFramed(image: GrayImage): Uint8Array | undefined {
  if (image.width !== 28 || image.height !== 28) return undefined;
  const paper = image.pixels[0];
  if (paper !== 0 && paper !== 255) return undefined;
  const ink = paper === 0 ? image.pixels : image.pixels.map((value) => 255 - value);
  let [mass, massX, massY, left, right, top, bottom] = [0, 0, 0, 28, 0, 28, 0];
  ink.forEach((value, at) => {
    if (value === 0) return;
    const x = at % 28;
    const y = Math.floor(at / 28);
    mass += value;
    massX += value * (x + 0.5);
    massY += value * (y + 0.5);
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  const longer = Math.max(right - left, bottom - top);
  const isCentered = Math.abs(massX / mass - 14.5) <= 0.75 && Math.abs(massY / mass - 14.5) <= 0.75;
  return isCentered && longer >= 18 && longer <= 20 ? ink : undefined;
}
