import { type Architecture, findArchitecture } from '../../src/model/architectures.ts';
import type { Metadata } from '../../src/model/metadata.ts';
import { buildModel, type Kernels, type Model } from '../../src/model/model.ts';
import { createWeights, writeWeights } from '../../src/model/weights.ts';

/** A network small enough for every test: one of each layer. */
export const tiny: Architecture = {
  name: 'tiny',
  pixels: { scale: 1 / 255, offset: -0.5 },
  validation: 0,
  layers: [
    { type: 'conv2d', filters: 2, kernelSize: 5, padding: 'same', strides: 2, activation: 'relu' },
    { type: 'maxPooling2d', poolSize: 2 },
    { type: 'conv2d', filters: 3, kernelSize: 3, padding: 'valid', useBias: false, activation: 'tanh' },
    { type: 'averagePooling2d', poolSize: 2, strides: 1 },
    { type: 'flatten' },
    { type: 'dense', units: 8, activation: 'sigmoid' },
    { type: 'dropout', rate: 0.25 },
    { type: 'dense', units: 10 },
  ],
};

/** A network by its name, or the tiny one, with its first weights of a seed. */
export function createModel(name = 'tiny', seed = 3, kernels: Kernels = 'auto'): Model {
  const architecture = name === 'tiny' ? tiny : findArchitecture(name);
  const model = buildModel(architecture, kernels);
  writeWeights(model, createWeights(architecture, seed));
  return model;
}

/** Images with a different pattern each, bytes [count, 28, 28]. */
export function createImages(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 784 }, (_, index) => (index * index * 31 + index * 7) % 256);
}

/** The metadata of a model that was trained on nothing. */
export function createMetadata({ architecture }: Model): Omit<Metadata, 'weightsSha256'> {
  return {
    format: 1,
    architecture: architecture.name,
    labels: Array.from('0123456789'),
    input: { height: 28, width: 28, channels: 1, ...architecture.pixels },
    output: 'logits',
    parameters: 0,
    trained: { dataset: 'synthetic', steps: 0, epochs: 0, seed: 3 },
    scores: { test: { loss: 2.3, accuracy: 0.1, images: 10 } },
    versions: { 'mnist-cnn': '0.1.0' },
  };
}
