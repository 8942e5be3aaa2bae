import type { Architecture } from '../../src/model/architectures.ts';

const pixels = { scale: 1 / 255, offset: 0 };

/** Networks whose sizes fit no vector: few or odd numbers of filters, units and pixels. */
export const oddNetworks: readonly Architecture[] = [
  {
    name: 'odd-valid',
    pixels: { scale: 1 / 128, offset: -0.25 },
    validation: 0,
    layers: [
      { type: 'conv2d', filters: 3, kernelSize: 4, padding: 'valid', activation: 'relu' },
      { type: 'maxPooling2d', poolSize: 2 },
      { type: 'conv2d', filters: 5, kernelSize: 3, padding: 'valid', useBias: false },
      { type: 'maxPooling2d', poolSize: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 17, activation: 'relu' },
      { type: 'dropout', rate: 0.3 },
      { type: 'dense', units: 10, useBias: false },
    ],
  },
  {
    name: 'odd-wide',
    pixels,
    validation: 0,
    layers: [
      { type: 'conv2d', filters: 33, kernelSize: 7, padding: 'same', activation: 'relu' },
      { type: 'maxPooling2d', poolSize: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 10 },
    ],
  },
  {
    name: 'no-convolution',
    pixels,
    validation: 0,
    layers: [
      { type: 'flatten' },
      { type: 'dense', units: 37, activation: 'relu' },
      { type: 'dropout', rate: 0.5 },
      { type: 'dense', units: 10 },
    ],
  },
];
