import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import type { NamedArray } from '../../src/core/tensor-file.ts';
import { createAdam } from '../../src/train/adam.ts';
import { createMomentum } from '../../src/train/momentum.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const gradientsOverTime = [0.5, -0.25, 0.125, 4, 0];

/** One weight, starting at 1, after each step. */
function follow(create: (variable: ReturnType<typeof tf.variable>) => Optimizer, rate: number): number[] {
  const variable = tf.variable(tf.tensor1d([1]));
  const optimizer = create(variable);
  const path = gradientsOverTime.map((gradient, index) => {
    tf.tidy(() => optimizer.apply([tf.tensor1d([gradient])], { step: index + 1, learningRate: rate }));
    return variable.dataSync()[0] ?? Number.NaN;
  });
  optimizer.dispose();
  variable.dispose();
  return path;
}

describe('createAdam', () => {
  test("follows algorithm 1 of Kingma and Ba's paper", () => {
    let [weight, mean, square] = [1, 0, 0];
    const expected = gradientsOverTime.map((gradient, index) => {
      const step = index + 1;
      mean = 0.9 * mean + 0.1 * gradient;
      square = 0.999 * square + 0.001 * gradient ** 2;
      weight -= (0.01 * (mean / (1 - 0.9 ** step))) / (Math.sqrt(square / (1 - 0.999 ** step)) + 1e-8);
      return weight;
    });
    follow((variable) => createAdam([variable]), 0.01).forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 6);
    });
  });

  test('resumes bit for bit from a captured memory', () => {
    const run = (steps: number, memory?: readonly NamedArray[], start = 1, from = 0) => {
      const variable = tf.variable(tf.tensor1d([start]));
      const adam = createAdam([variable]);
      if (memory) adam.restore(memory);
      for (let step = from + 1; step <= from + steps; step++) {
        tf.tidy(() => adam.apply([tf.tensor1d([Math.sin(step)])], { step, learningRate: 0.01 }));
      }
      const result = { weight: variable.dataSync()[0] ?? Number.NaN, memory: adam.capture() };
      adam.dispose();
      variable.dispose();
      return result;
    };
    const whole = run(20);
    const half = run(10);
    expect(run(10, half.memory, half.weight, 10)).toEqual(whole);
  });

  test('refuses a memory that lacks an array', () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const adam = createAdam([variable]);
    expect(() => adam.restore([])).toThrow('the checkpoint lacks the optimizer state mean/0');
    adam.dispose();
    variable.dispose();
  });
});

describe('createMomentum', () => {
  test('is plain gradient descent at momentum 0', () => {
    const path = follow((variable) => createMomentum([variable], 0), 0.1);
    [0.95, 0.975, 0.9625, 0.5625, 0.5625].forEach((expected, index) => {
      expect(path[index]).toBeCloseTo(expected, 6);
    });
  });

  test('adds 0.9 of the last velocity to each gradient', () => {
    const path = follow((variable) => createMomentum([variable], 0.9), 0.1);
    [0.95, 0.93, 0.8995, 0.47205, 0.087345].forEach((expected, index) => {
      expect(path[index]).toBeCloseTo(expected, 5);
    });
  });
});
