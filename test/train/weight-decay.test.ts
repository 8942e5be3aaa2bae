import { execFileSync } from 'node:child_process';
import type { Tensor } from '@tensorflow/tfjs-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { findRival } from '../../bench/rivals/setup.ts';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import type { Architecture } from '../../src/model/architectures.ts';
import { buildModel, disposeModel, trainableVariables } from '../../src/model/model.ts';
import { createWeights, writeWeights } from '../../src/model/weights.ts';
import type { OptimizerName } from '../../src/train/optimizer.ts';
import { createOptimizer } from '../../src/train/stock-stepper.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const weightDecay = 0.2;
/** The learning rate of each step, as a schedule changes it. */
const rates = [0.1, 0.05, 0.2, 0.01];

/** All kinds of weights: a convolution's, batch normalization's, a dense layer's. */
const architecture: Architecture = {
  name: 'decayed',
  pixels: { scale: 1 / 255, offset: 0 },
  validation: 0,
  layers: [
    { type: 'conv2d', filters: 2, kernelSize: 3, padding: 'valid', strides: 13 },
    { type: 'batchNormalization' },
    { type: 'flatten' },
    { type: 'dense', units: 10 },
  ],
};

/** Each trainable variable of the network: its kind, its values at first, and after each step. */
function follow(name: OptimizerName) {
  const model = buildModel(architecture, 'stock');
  // Biases off 0, where decay would do nothing.
  const first = createWeights(architecture, 3).map((array) =>
    /bias|beta/.test(array.name) ? { ...array, values: array.values.fill(0.5) } : array,
  );
  writeWeights(model, first);
  const variables = trainableVariables(model);
  const optimizer = createOptimizer(name, model, { weightDecay });
  const read = () => variables.map((variable) => [...variable.dataSync()]);
  const path = [read()];
  rates.forEach((learningRate, index) => {
    tf.tidy(() => {
      const gradients: Tensor[] = variables.map(({ shape, size }) =>
        tf.tensor(gradientOf(index, size), shape),
      );
      optimizer.apply(gradients, { step: index + 1, learningRate });
    });
    path.push(read());
  });
  optimizer.dispose();
  disposeModel(model);
  const names = first.map((array) => array.name).filter((weight) => !weight.includes('moving_'));
  return names.map((weight, index) => ({ name: weight, path: path.map((values) => values[index] ?? []) }));
}

function gradientOf(step: number, size: number): number[] {
  return Array.from({ length: size }, (_, index) => Math.sin(7 * step + index));
}

/** What one weight goes through, in plain numbers. */
function expectPath(start: number, at: number, { name, decay }: { name: OptimizerName; decay: number }) {
  let [weight, mean, square, velocity] = [start, 0, 0, 0];
  return rates.map((rate, index) => {
    const step = index + 1;
    const gradient = Math.sin(7 * index + at);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.999 * square + 0.001 * gradient ** 2;
    velocity = (name === 'momentum' ? 0.9 : 0) * velocity + gradient;
    const change =
      name === 'adam'
        ? mean / (1 - 0.9 ** step) / (Math.sqrt(square / (1 - 0.999 ** step)) + 1e-8)
        : velocity;
    weight -= rate * change + rate * decay * weight;
    return weight;
  });
}

describe('weight decay', () => {
  test.each(['adam', 'sgd', 'momentum'] as const)(
    'takes the rate times the decay of each kernel besides the step, and nothing of other weights: %s',
    (name) => {
      for (const variable of follow(name)) {
        const decay = variable.name.endsWith('/kernel') ? weightDecay : 0;
        const [first = [], ...later] = variable.path;
        for (const at of [0, first.length - 1]) {
          expectPath(first[at] ?? Number.NaN, at, { name, decay }).forEach((expected, step) => {
            expect(later[step]?.[at], `${variable.name}, step ${step + 1}`).toBeCloseTo(expected, 5);
          });
        }
      }
    },
  );

  const torch = findRival('torch');
  if (torch === undefined) {
    test.skip("gives the weights of PyTorch's AdamW (needs PyTorch: npm run bench -- rivals)");
    return;
  }
  test("gives the weights of PyTorch's AdamW", () => {
    const variables = follow('adam');
    const given = variables.map(({ name, path: [first = []] }) => ({
      first,
      decay: name.endsWith('/kernel') ? weightDecay : 0,
      gradients: rates.map((_, step) => gradientOf(step, first.length)),
    }));
    const program = [
      'import json, sys, torch',
      'rates, given = json.load(sys.stdin)',
      'weights = [torch.nn.Parameter(torch.FloatTensor(each["first"])) for each in given]',
      'groups = [{"params": [w], "weight_decay": each["decay"]} for w, each in zip(weights, given)]',
      'optimizer = torch.optim.AdamW(groups)',
      'for step, rate in enumerate(rates):',
      '    for group, weight, each in zip(optimizer.param_groups, weights, given):',
      '        group["lr"] = rate',
      '        weight.grad = torch.FloatTensor(each["gradients"][step])',
      '    optimizer.step()',
      'print(json.dumps([w.tolist() for w in weights]))',
    ].join('\n');
    const answer = execFileSync(torch.python, ['-c', program], { input: JSON.stringify([rates, given]) });
    const expected = JSON.parse(answer.toString()) as number[][]; // as the program prints it
    variables.forEach(({ name, path }, index) => {
      path.at(-1)?.forEach((value, at) => {
        expect(value, name).toBeCloseTo(expected[index]?.[at] ?? Number.NaN, 5);
      });
    });
  });
});
