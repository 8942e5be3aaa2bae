import type { Tensor1D } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { escapeText, TrainerError } from '../core/errors.ts';
import { type Random, random } from '../core/random.ts';
import { findNonFinite, type NamedArray } from '../core/tensor-file.ts';
import type { Architecture } from './architectures.ts';
import type { FirstWeights } from './layers/layer-kind.ts';
import { kindOf } from './layers/layer-kinds.ts';
import { product, type Shape } from './layers/layer-shape.ts';
import { allVariables, type Model } from './model.ts';
import { followShapes } from './shapes.ts';

/**
 * A network's first weights: kernels uniform in +-sqrt(6 / (fan in + fan out)) (Glorot and Bengio, 2010) or normal where
 * the layer says so, biases zero; batch normalization's scale and variance one.
 */
export function createWeights(architecture: Architecture, seed: number): readonly NamedArray[] {
  return followShapes(architecture).flatMap(({ layer, weights }, position) => {
    const first = kindOf(layer).firstWeights?.(layer) ?? {};
    return weights.map(({ name, shape }) => {
      const how = first[name.slice(name.lastIndexOf('/') + 1)];
      return { name, shape, values: createValues(shape, how, () => random(seed, 'weights', position)) };
    });
  });
}

function createValues(shape: Shape, how: FirstWeights | undefined, start: () => Random): Float32Array {
  const values = new Float32Array(product(shape));
  if (how === undefined) return values;
  if (how === 'ones') return values.fill(1);
  const numbers = start();
  const field = product(shape.slice(0, -2));
  const limit = Math.sqrt(6 / (field * ((shape.at(-2) ?? 0) + (shape.at(-1) ?? 0))));
  for (let index = 0; index < values.length; index++) {
    values[index] =
      how === 'glorot' ? (numbers.uniform() * 2 - 1) * limit : numbers.normal() * how.standardDeviation;
  }
  return values;
}

/** Copies a model's weights out, by the names of `followShapes`. */
export function readWeights(model: Model): readonly NamedArray[] {
  const shapes = followShapes(model.architecture).flatMap(({ weights }) => weights);
  return allVariables(model).map((variable, index) => ({
    name: shapes[index]?.name ?? variable.name,
    shape: variable.shape,
    values: new Float32Array(variable.dataSync()),
  }));
}

/** All weights as one vector, those that are not trained among them, in the order of `followShapes`. The caller disposes of it. */
export function flattenVariables(model: Model): Tensor1D {
  return tf.tidy(() => tf.concat(allVariables(model).map((variable) => variable.flatten())));
}

/** Sets all weights from such a vector. */
export function assignFlat(model: Model, flat: Tensor1D): void {
  tf.tidy(() => {
    const variables = allVariables(model);
    const parts = tf.split(
      flat,
      variables.map(({ size }) => size),
    );
    variables.forEach((variable, index) => {
      const part = parts[index];
      if (part !== undefined) variable.assign(part.reshape(variable.shape));
    });
  });
}

/**
 * Sets a model's weights; `path` is the file that they come from, for the error.
 *
 * @throws TrainerError `E_MODEL_FORMAT` where names or shapes differ from the architecture's, or a value is not finite.
 */
export function writeWeights(model: Model, arrays: readonly NamedArray[], path?: string): void {
  checkWeights(model.architecture, arrays, path);
  assignWeights(model, arrays);
}

/** Sets weights that a model has had before, finite or not. */
export function assignWeights(model: Model, arrays: readonly NamedArray[]): void {
  allVariables(model).forEach((variable, index) => {
    tf.tidy(() => variable.assign(tf.tensor(arrays[index]?.values ?? [], variable.shape)));
  });
}

/** Compares arrays, of the file `path`, with what an architecture needs. @throws TrainerError `E_MODEL_FORMAT`, naming the first difference. */
export function checkWeights(architecture: Architecture, arrays: readonly NamedArray[], path?: string): void {
  const fail = (what: string) =>
    new TrainerError(
      'E_MODEL_FORMAT',
      `these are not weights for the network ${escapeText(architecture.name)}: ${what}`,
      path === undefined ? {} : { path },
    );
  const shapes = followShapes(architecture).flatMap(({ weights }) => weights);
  const names = (list: readonly { name: string }[]) =>
    list.map(({ name }) => escapeText(name)).join(', ') || 'none';
  if (names(shapes) !== names(arrays)) throw fail(`expected ${names(shapes)}, found ${names(arrays)}`);
  shapes.forEach(({ name, shape }, index) => {
    const found = arrays[index]?.shape ?? [];
    if (found.join() !== shape.join()) {
      throw fail(`${name} has shape ${found.join(' x ')}, expected ${shape.join(' x ')}`);
    }
  });
  const nonFinite = findNonFinite(arrays);
  if (nonFinite !== undefined) throw fail(`${nonFinite}, expected finite numbers`);
}
