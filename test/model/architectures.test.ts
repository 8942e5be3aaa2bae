import { describe, expect, test } from 'vitest';
import { architectureNames, findArchitecture, withDropout } from '../../src/model/architectures.ts';
import { catchError } from '../support/caught.ts';

test('five networks are known by name', () => {
  expect(architectureNames).toEqual([
    'cnn',
    'cnn-deep',
    'cnn-dropout',
    'cnn-large',
    'cnn-small',
    'conv3x3',
    'convnet',
    'adder',
  ]);
});

test.each(architectureNames)('%s is found by its name', (name) => {
  expect(findArchitecture(name).name).toBe(name);
});

test.each(['CNN', '', 'constructor', '__proto__', 'resnet'])(
  '"%s" is unknown, and the known ones are named',
  (name) => {
    expect(catchError(() => findArchitecture(name))).toMatchObject({
      code: 'E_USAGE',
      message: `unknown architecture "${name}", expected one of cnn, cnn-deep, cnn-dropout, cnn-large, cnn-small, conv3x3, convnet, adder, or a file *.json or *.yaml`,
    });
  },
);

describe('withDropout', () => {
  test('sets the rate of each dropout layer and leaves the rest', () => {
    const convnet = findArchitecture('convnet');
    const rates = withDropout(convnet, 0.2).layers.map((layer, index) =>
      layer.type === 'dropout' ? layer.rate : layer === convnet.layers[index],
    );
    expect(rates).toEqual([true, true, true, true, true, true, 0.2, true]);
  });

  test('takes 0 for a rate', () => {
    expect(withDropout(findArchitecture('convnet'), 0).layers[6]).toEqual({ type: 'dropout', rate: 0 });
  });

  test('leaves the network as it is without a rate', () => {
    const cnn = findArchitecture('cnn');
    expect(withDropout(cnn, undefined)).toBe(cnn);
  });

  test('is refused for a network that has no dropout layer', () => {
    expect(catchError(() => withDropout(findArchitecture('cnn'), 0.5))).toMatchObject({
      code: 'E_USAGE',
      message: '--dropout 0.5: the network cnn has no dropout layer',
    });
  });
});
