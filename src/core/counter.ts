import { random } from './random.ts';

/** The key of a counter's numbers: 32 bits that follow from seed, purpose and position. */
export function counterKey(seed: number, purpose: string, ...position: readonly number[]): number {
  return random(seed, purpose, ...position).integer(0x1_0000_0000);
}

/**
 * The number at a place of a key's sequence, a whole number below 2^32. Nothing must be drawn before it, so masks can
 * be made in any order, in TypeScript as in native code (native/kernels/dropout.h), with the same bits.
 *
 * Generator: the finalizer of MurmurHash3 (Austin Appleby) over a Weyl sequence.
 */
export function counterRandom(key: number, counter: number): number {
  let value = (key + Math.imul(counter, 0x9e3779b9)) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
