import * as fc from 'fast-check';
import type { Architecture, Task } from '../../src/model/architectures.ts';
import { activations } from '../../src/model/layers/activation.ts';
import type { LayerDefinition } from '../../src/model/layers/layer-kinds.ts';
import { findShapeProblem } from '../../src/model/shape-problem.ts';
import { followShapes } from '../../src/model/shapes.ts';

/** Of one image: more would take too long. */
const mostMultiplyAdds = 1_500_000;

// Numbers around and above those that fit a vector.
const channels = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 16, 17, 24));
const activation = fc.option(fc.constantFrom(...activations), { nil: undefined });
const usual = <Value>(value: Value, others: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: others });
const small = fc.integer({ min: 2, max: 3 });

const convolution = fc
  .record({
    filters: channels,
    kernelSize: fc.integer({ min: 1, max: 7 }),
    padding: fc.oneof(fc.constantFrom('same' as const, 'valid' as const), fc.integer({ min: 0, max: 3 })),
    strides: usual(1, small),
    dilationRate: usual(1, small),
    groups: usual(1, fc.integer({ min: 2, max: 4 })),
    activation,
    useBias: fc.boolean(),
  })
  .map(({ filters, groups, ...others }) =>
    layerOf('conv2d', { ...others, groups, filters: filters * groups }),
  );

const pool = fc
  .record({
    type: fc.constantFrom('maxPooling2d' as const, 'averagePooling2d' as const),
    poolSize: fc.integer({ min: 1, max: 4 }),
    strides: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  })
  .map(({ type, ...others }) => layerOf(type, others));

/** What the fused ops do in one: a convolution and the halves of its output. */
const block = fc
  .record({
    filters: channels,
    kernelSize: fc.integer({ min: 1, max: 7 }),
    padding: fc.constantFrom('same' as const, 'valid' as const),
    activation: fc.constantFrom('relu' as const, undefined),
    useBias: fc.boolean(),
  })
  .map((layer) => [layerOf('conv2d', layer), layerOf('maxPooling2d', { poolSize: 2 })]);

/** Layers that take images and vectors alike. */
const anywhere = fc.oneof(
  fc.constantFrom(...activations).map((each) => layerOf('activation', { activation: each })),
  fc.constant(layerOf('batchNormalization', {})),
  fc.constantFrom(0, 0.1, 0.5, 0.9).map((rate) => layerOf('dropout', { rate })),
);

const dense = fc
  .record({ units: channels, activation, useBias: fc.boolean() })
  .map((layer) => layerOf('dense', layer));

const alone = (layer: fc.Arbitrary<LayerDefinition>) => layer.map((each) => [each]);
const imagePart = fc.oneof(
  { weight: 3, arbitrary: block },
  { weight: 3, arbitrary: alone(convolution) },
  { weight: 2, arbitrary: alone(pool) },
  { weight: 2, arbitrary: alone(anywhere) },
);
const vectorPart = fc.oneof(
  { weight: 2, arbitrary: alone(dense) },
  { weight: 1, arbitrary: alone(anywhere) },
);

/**
 * Networks of every kind of layer with every option, from one dense layer up. Of what is drawn, layers that do not fit behind
 * those before them are left out.
 */
export const randomNetworks: fc.Arbitrary<Architecture> = fc
  .record({
    task: usual<Task>('digit', fc.constant('sum')),
    pixels: fc.constantFrom({ scale: 1 / 255, offset: 0 }, { scale: 1 / 128, offset: -0.25 }),
    images: fc.array(imagePart, { maxLength: 5 }),
    vectors: fc.array(vectorPart, { maxLength: 3 }),
    useBias: fc.boolean(),
  })
  .map(({ task, pixels, images, vectors, useBias }) => {
    const end = { type: 'dense', units: task === 'sum' ? 19 : 10, useBias } as const;
    const flatten = { type: 'flatten' } as const;
    let layers: readonly LayerDefinition[] = [];
    for (const layer of images.flat()) {
      const fits = fitGroups(layer).find((each) => isFitting(task, [...layers, each, flatten, end]));
      if (fits !== undefined) layers = [...layers, fits];
    }
    return {
      name: 'random',
      task,
      pixels,
      validation: 0,
      layers: [...layers, flatten, ...vectors.flat(), end],
    };
  });

/** A convolution with groups, and the same without. */
function fitGroups(layer: LayerDefinition): readonly LayerDefinition[] {
  return layer.type === 'conv2d' ? [layer, { ...layer, groups: 1 }] : [layer];
}

function isFitting(task: Task, layers: readonly LayerDefinition[]): boolean {
  if (findShapeProblem({ task, layers }) !== undefined) return false;
  const sum = followShapes({ task, layers }).reduce((total, { multiplyAdds }) => total + multiplyAdds, 0);
  return sum <= mostMultiplyAdds;
}

/** A layer without the keys that are not given. */
function layerOf(type: LayerDefinition['type'], keys: object): LayerDefinition {
  const given = Object.entries(keys).filter(([, value]) => value !== undefined);
  return { type, ...Object.fromEntries(given) } as LayerDefinition; // the callers above name its keys
}
