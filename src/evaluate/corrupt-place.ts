import type { Random } from '../core/random.ts';
import { interpolate } from '../data/interpolation.ts';
import { type Shift, shiftImages } from '../model/shift-images.ts';

const side = 28;
const middle = (side - 1) / 2;

/** Moves an image [28, 28] by whole pixels to the left, to the right, up or down, each as likely. */
export function shiftImage(image: Uint8Array, pixels: number, numbers: Random): Uint8Array {
  const directions: readonly Shift[] = [
    { right: -pixels, down: 0 },
    { right: pixels, down: 0 },
    { right: 0, down: -pixels },
    { right: 0, down: pixels },
  ];
  return shiftImages(image, directions[numbers.integer(directions.length)] ?? { right: 0, down: 0 });
}

/** Turns an image [28, 28] around its middle by degrees, to either side, each as likely; bilinear. */
export function rotateImage(image: Uint8Array, degrees: number, numbers: Random): Uint8Array {
  const angle = (Math.PI / 180) * (isFirstWay(numbers) ? degrees : -degrees);
  return turnImage(image, Math.cos(angle), Math.sin(angle));
}

/** Enlarges or shrinks an image [28, 28] around its middle by 1 + percent / 100, each as likely; bilinear. */
export function scaleImage(image: Uint8Array, percent: number, numbers: Random): Uint8Array {
  const factor = 1 + percent / 100;
  return turnImage(image, isFirstWay(numbers) ? 1 / factor : factor, 0);
}

/** Whether a change goes the first of its two ways. */
export function isFirstWay(numbers: Random): boolean {
  return numbers.uniform() < 0.5;
}

/** Takes each pixel from where cos and sin, times the scale, lead from it. */
function turnImage(image: Uint8Array, cos: number, sin: number): Uint8Array {
  const turned = new Uint8Array(image.length);
  for (let row = 0; row < side; row++) {
    const y = row - middle;
    for (let column = 0; column < side; column++) {
      const x = column - middle;
      turned[row * side + column] = interpolate(
        image,
        cos * x + sin * y + middle,
        cos * y - sin * x + middle,
      );
    }
  }
  return turned;
}
