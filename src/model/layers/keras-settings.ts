import type { KerasClass, Zod } from './layer-kind.ts';

/** The class as it is given, its settings typed by their schema. */
export function kerasClass<Layer, Settings>(given: KerasClass<Layer, Settings>): KerasClass<Layer> {
  return given;
}

/** A length or a count. */
export function size(z: Zod) {
  return z.number().int().positive().max(100_000);
}

/** Keras writes square sizes as pairs. */
export function square(z: Zod) {
  return z.union([size(z).transform((side) => [side, side]), z.array(size(z)).length(2)]);
}

/** The order of the axes of an image. */
export function channelsLast(z: Zod) {
  return z.literal('channels_last').optional();
}

/** The first of these sizes that is not square, in words after "layer 2 ". */
export function findOblong(...sizes: readonly (readonly number[])[]): string | undefined {
  const oblong = sizes.find(([height, width]) => height !== width);
  return oblong && `is ${oblong.join(' x ')}, not square`;
}
