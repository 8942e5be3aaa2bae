import { activation } from './activation.ts';
import { batchNormalization } from './batch-normalization.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import type { LayerKind } from './layer-kind.ts';
import { averagePooling2d, maxPooling2d } from './pooling.ts';

/** To add a kind of layer, write its file and name it here. Messages list them in this order. */
const kinds = [
  conv2d,
  maxPooling2d,
  averagePooling2d,
  flatten,
  dense,
  activation,
  batchNormalization,
  dropout,
] as const;

type LayerOf<Kind> = Kind extends LayerKind<infer Layer> ? Layer : never;

/** A layer of a network, in Keras' words. */
export type LayerDefinition = LayerOf<(typeof kinds)[number]>;

/** Every kind of layer. */
export const layerKinds: readonly LayerKind<LayerDefinition>[] = kinds;

const kindsByType = new Map(layerKinds.map((kind) => [kind.type, kind]));

/** What is known about a layer's kind. */
export function kindOf({ type }: LayerDefinition): LayerKind<LayerDefinition> {
  const kind = kindsByType.get(type);
  if (kind === undefined) throw new Error(`there is no kind of layer ${type}`);
  return kind;
}
