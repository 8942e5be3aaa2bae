import { describe, expect, test } from 'vitest';
import { listLayers } from '../../src/model/keras-layers.ts';
import { catchError } from '../support/caught.ts';

/** A layer of a functional network, which the named ones feed. */
const node = (name: string, feeders: readonly string[], form: 'keras2' | 'keras3' = 'keras2') => ({
  class_name: 'Dense',
  name,
  config: { name },
  inbound_nodes:
    form === 'keras2'
      ? feeders.length === 0
        ? []
        : [feeders.map((feeder) => [feeder, 0, 0, {}])]
      : [{ args: feeders.map((feeder) => ({ config: { keras_history: [feeder, 0, 0] } })), kwargs: {} }],
});
const functional = (
  layers: readonly object[],
  input: unknown = [['a', 0, 0]],
  output: unknown = [['c', 0, 0]],
) => ({
  class_name: 'Functional',
  config: { layers, input_layers: input, output_layers: output },
});
const chain = [node('a', []), node('b', ['a']), node('c', ['b'])];

describe('a functional network', () => {
  test.each([
    ['in order', chain],
    ['in any order', chain.toReversed()],
    ['as Keras 3 writes it', [node('a', []), node('b', ['a'], 'keras3'), node('c', ['b'], 'keras3')]],
  ])('is listed from input to output, %s', (_, layers) => {
    expect(listLayers(functional(layers)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('may name its ends without a list around them', () => {
    expect(listLayers(functional(chain, ['a', 0, 0], ['c', 0, 0])).length).toBe(3);
  });

  test.each<[string, object, string]>([
    [
      'with a branch',
      functional([...chain, node('d', ['a'])]),
      'it is not a chain of layers: a feeds both b (Dense) and d (Dense)',
    ],
    [
      'with a sum',
      functional([node('a', []), node('b', ['a']), node('c', ['a', 'b'])]),
      'it is not a chain of layers: c (Dense) has 2 inputs',
    ],
    [
      'with a stray layer',
      functional([...chain, node('d', [])]),
      'it is not a chain of layers: d (Dense) has no input',
    ],
    [
      'with a circle',
      functional([node('a', []), node('b', ['c']), node('c', ['b'])]),
      'it is not a chain of layers from a to c',
    ],
    [
      'that ends early',
      functional(chain, undefined, [['b', 0, 0]]),
      'it is not a chain of layers from a to b',
    ],
    ['without its input', functional(chain.slice(1)), 'its input a is not one of its layers'],
    [
      'with two outputs',
      functional(chain, undefined, [
        ['b', 0, 0],
        ['c', 0, 0],
      ]),
      'it has 2 outputs, expected 1',
    ],
    [
      'with two inputs',
      functional(chain, [
        ['a', 0, 0],
        ['b', 0, 0],
      ]),
      'it has 2 inputs, expected 1',
    ],
    ['with no output', functional(chain, undefined, []), 'it has 0 outputs, expected 1'],
  ])('%s is refused (D14)', (_, topology, reason) => {
    expect(catchError(() => listLayers(topology))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read model.json: ${reason}`,
    });
  });
});
