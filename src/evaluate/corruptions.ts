import { type Random, random } from '../core/random.ts';
import { addNoise, blurImage, invertContrast, occludeImage } from './corrupt-pixels.ts';
import { rotateImage, scaleImage, shiftImage } from './corrupt-place.ts';
import { changeStrokeWidth } from './corrupt-strokes.ts';

/** One way to change images; at most strengths, people can still read them. */
export interface Corruption {
  readonly name: string;
  readonly unit: string;
  /** Five strengths in that unit, from weak to strong, evenly spaced; 0 would change nothing. */
  readonly strengths: readonly number[];
  /** Changes one image [28, 28]; what is left to chance comes from `numbers`. */
  readonly corrupt: (image: Uint8Array, strength: number, numbers: Random) => Uint8Array;
}

/**
 * The eight ways. Five strengths of each follow Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to
 * Common Corruptions and Perturbations" (ICLR 2019); shift, rotation and scale are also among the corruptions of MNIST-C
 * (Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019). A strength means:
 *
 * - shift: whole pixels to the left, to the right, up or down; the margins around MNIST's digits are 4 pixels wide
 * - rotation: degrees to either side around the middle
 * - scale: larger or smaller around the middle by the factor 1 + percent / 100
 * - blur: standard deviation of a Gaussian, in pixels
 * - noise: standard deviation of Gaussian noise on each pixel, in gray levels of 255
 * - stroke width: pixels by which strokes become thinner or thicker, half of it on either side
 * - occlusion: side, in pixels, of a square of paper that covers a place where ink is
 * - inversion: share of the negative in a blend with the image; from 50 percent on, ink is darker than paper
 */
export const corruptions: readonly Corruption[] = [
  { name: 'shift', unit: 'pixels', strengths: [1, 2, 3, 4, 5], corrupt: shiftImage },
  { name: 'rotation', unit: 'degrees', strengths: [10, 20, 30, 40, 50], corrupt: rotateImage },
  { name: 'scale', unit: '%', strengths: [10, 20, 30, 40, 50], corrupt: scaleImage },
  { name: 'blur', unit: 'pixels', strengths: [0.5, 1, 1.5, 2, 2.5], corrupt: blurImage },
  { name: 'noise', unit: 'levels', strengths: [25, 50, 75, 100, 125], corrupt: addNoise },
  { name: 'stroke width', unit: 'pixels', strengths: [0.4, 0.8, 1.2, 1.6, 2], corrupt: changeStrokeWidth },
  { name: 'occlusion', unit: 'pixels', strengths: [2, 4, 6, 8, 10], corrupt: occludeImage },
  { name: 'inversion', unit: '%', strengths: [20, 40, 60, 80, 100], corrupt: invertContrast },
];

/**
 * Changes images, bytes [count, 28, 28] -> the same shape. What is left to chance depends on the kind and on an image's
 * index, that of the first being `first`, but not on the strength: an image is turned to the same side at all of them.
 */
export function corruptImages(
  images: Uint8Array,
  { name, corrupt }: Corruption,
  { strength, first = 0 }: { readonly strength: number; readonly first?: number },
): Uint8Array {
  const corrupted = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += imageSize) {
    const numbers = random(0, `suite-${name}`, first + start / imageSize);
    corrupted.set(corrupt(images.subarray(start, start + imageSize), strength, numbers), start);
  }
  return corrupted;
}

const imageSize = 28 * 28;
