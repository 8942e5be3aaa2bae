import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { type Architecture, architectureNames, findArchitecture } from '../../src/model/architectures.ts';
import { product } from '../../src/model/layers/layer-shape.ts';
import { buildModel, disposeModel } from '../../src/model/model.ts';
import { countParameters, followShapes } from '../../src/model/shapes.ts';
import { tiny } from '../support/model.ts';

const all: readonly Architecture[] = [...architectureNames.map(findArchitecture), tiny];

describe.each(all.map((architecture) => [architecture.name, architecture] as const))(
  '%s',
  (_, architecture) => {
    beforeAll(async () => {
      await loadTensorFlow();
    });

    test('has the output shapes that tfjs itself works out', () => {
      const { network } = buildModel(architecture);
      expect(network.layers.map((layer) => layer.outputShape)).toEqual(
        followShapes(architecture).map(({ outputShape }) => [null, ...outputShape]),
      );
      network.dispose();
    });

    test('has as many parameters as tfjs counts', () => {
      const model = buildModel(architecture);
      expect(countParameters(architecture)).toBe(model.network.countParams());
      disposeModel(model);
    });

    test('has the weights that tfjs makes, by name and shape', () => {
      const model = buildModel(architecture);
      // tfjs lists running means and variances behind all that is trained.
      const { trainableWeights, nonTrainableWeights } = model.network;
      const isRunning = (name: string) => name.includes('/moving_');
      const expected = followShapes(architecture).flatMap(({ weights }) =>
        weights.map(({ name, shape }) => [name, shape] as const),
      );
      const listed = (weights: typeof trainableWeights) =>
        weights.map(({ originalName, shape }) => [originalName, shape]);
      expect(listed(trainableWeights)).toEqual(expected.filter(([name]) => !isRunning(name)));
      expect(listed(nonTrainableWeights)).toEqual(expected.filter(([name]) => isRunning(name)));
      disposeModel(model);
    });
  },
);

test.each([
  ['cnn', 28_938],
  ['cnn-deep', 467_818],
  ['cnn-dropout', 331_946],
  ['cnn-small', 7634],
  ['cnn-large', 3_274_634],
  ['conv3x3', 13_602],
  ['convnet', 207_258],
])('%s has %i parameters', (name, parameters) => {
  expect(countParameters(findArchitecture(name))).toBe(parameters);
});

// Counted by hand: output height x width x filters x the numbers that a filter holds, then inputs x units.
test.each([
  ['conv3x3', [26 * 26 * 8 * (3 * 3), 0, 0, 1352 * 10]],
  ['cnn', [28 * 28 * 16 * (5 * 5), 0, 14 * 14 * 32 * (5 * 5 * 16), 0, 0, 1568 * 10]],
])('the layers of %s take %j multiply-adds an image', (name, counts) => {
  expect(followShapes(findArchitecture(name)).map(({ multiplyAdds }) => multiplyAdds)).toEqual(counts);
});

test('a shape has the product of its sizes', () => {
  expect([product([2, 3, 4]), product([])]).toEqual([24, 1]);
});
