import type { Flags } from '../config/options.ts';
import { dataKeys } from '../config/train-options.ts';
import type { Architecture } from '../model/architectures.ts';
import { followShapes, hasFilters } from '../model/shapes.ts';
import { type CommandWords, formatCommand, pickFlags } from './command-line.ts';
import { modelOptions } from './model-source.ts';

/** A command on the model, the first of several, and the data of a call, with these flags more. */
export function formatNext(
  { flags }: { readonly flags: Flags },
  verb: string,
  more: NonNullable<CommandWords['flags']> = {},
): string {
  const same = pickFlags(flags, [...Object.keys(modelOptions), ...dataKeys]);
  const [model] = [same['model']].flat();
  return formatCommand(verb, { flags: { ...same, ...(model !== undefined && { model }), ...more } });
}

/** The flags of `inspect` for a look into this network: at the maps of a test image where it has maps, else at its filters or layers. */
export function chooseNextView(
  architecture: Architecture,
  index: number,
): Readonly<Record<string, number | true>> {
  const shapes = followShapes(architecture);
  const readsDigit = shapes[0]?.inputShape.join() === '28,28,1';
  if (readsDigit && shapes.some(({ outputShape }) => outputShape.length === 3)) return { maps: true, index };
  return shapes.some(hasFilters) ? { filters: true } : {};
}
