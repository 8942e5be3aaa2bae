/** Trains two small networks of stock tfjs for a few steps, and saves each by its own `save`: `npx tsx write-tfjs.ts FOLDER`. */
import fs from 'node:fs';
import path from 'node:path';
import type { LayersModel, SymbolicTensor, Tensor } from '@tensorflow/tfjs-node';
import { loadTensorFlow, tf } from '../../../src/backend/tf.ts';

await loadTensorFlow();
const [folder = '.'] = process.argv.slice(2);
const { layers } = tf;
const drawn = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });

function createSequential(): LayersModel {
  return tf.sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 2, kernelSize: 5, strides: 2, activation: 'relu', ...drawn(1) }),
      layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      layers.dropout({ rate: 0.25 }),
      layers.flatten(),
      layers.dense({ units: 8, activation: 'relu', ...drawn(2) }),
      layers.dense({ units: 10, activation: 'softmax', ...drawn(3) }),
    ],
  });
}

function createFunctional(): LayersModel {
  const inputs = tf.input({ shape: [28, 28, 1] });
  const chain = [
    layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', strides: 2, useBias: false, ...drawn(4) }),
    layers.batchNormalization(),
    layers.reLU(),
    layers.averagePooling2d({ poolSize: 4 }),
    layers.flatten(),
    layers.dense({ units: 10, ...drawn(5) }),
    layers.softmax(),
  ];
  let outputs: SymbolicTensor = inputs;
  for (const layer of chain) outputs = layer.apply(outputs) as SymbolicTensor; // one symbol in, one out
  return tf.model({ inputs, outputs });
}

const images = tf.tensor4d(
  Float32Array.from(
    { length: 4 * 784 },
    (_, at) =>
      ((Math.floor((at % 784) / 28) * 7 + (at % 28) * 13 + Math.floor(at / 784) * 31) % 256) / 255,
  ),
  [4, 28, 28, 1],
);
for (const [name, model] of [
  ['tfjs-sequential', createSequential()],
  ['tfjs-functional', createFunctional()],
] as const) {
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.fit(images, tf.tensor1d([0, 1, 2, 3]), { epochs: 12, verbose: 0 });
  await model.save(`file://${path.join(folder, name)}`);
  const answers = (model.predict(images) as Tensor).arraySync() as number[][]; // one tensor of rows
  const rounded = answers.map((row) => row.map((value) => Math.round(value * 1e6) / 1e6));
  fs.writeFileSync(path.join(folder, name, 'expected.json'), JSON.stringify(rounded));
}
