import { describe, expect, test } from 'vitest';
import { parseMetadata, trustOf } from '../../src/model/metadata.ts';
import { catchError } from '../support/caught.ts';

const metadata = {
  format: 1,
  architecture: 'cnn',
  labels: Array.from('0123456789'),
  input: { height: 28, width: 28, channels: 1, scale: 1 / 255, offset: 0 },
  output: 'logits',
  parameters: 28_938,
  weightsSha256: 'a'.repeat(64),
  trained: { dataset: 'mnist', steps: 1200, epochs: 1, seed: 0 },
  scores: { test: { loss: 0.05, accuracy: 0.985, images: 2000 } },
  versions: { node: '20.20.0' },
};

test('metadata is read as it stands', () => {
  expect(parseMetadata(metadata, 'x')).toEqual(metadata);
});

const calibration = {
  from: 'validation' as const,
  images: 5000,
  temperature: 1.21,
  error: 0.002,
  familiarity: [
    { percent: 0.4, value: 7.5 },
    { percent: 50, value: 14.1 },
  ],
};

test('metadata with a calibration is read as it stands', () => {
  expect(parseMetadata({ ...metadata, calibration }, 'x')).toEqual({ ...metadata, calibration });
});

describe('a model is trusted', () => {
  test('as its calibration says', () => {
    expect(trustOf({ calibration })).toEqual({ temperature: 1.21, floor: 7.5 });
  });

  test('with another share of digits below its floor', () => {
    expect(trustOf({ calibration }, 50).floor).toBe(14.1);
  });

  test('without a temperature as it is, where none was held out', () => {
    const { from: _, temperature: __, ...rest } = calibration;
    expect(trustOf({ calibration: { from: 'training', ...rest } })).toEqual({ temperature: 1, floor: 7.5 });
  });

  test.each([[undefined], [{}]])('as it is, without a floor, with the metadata %j', (given) => {
    expect(trustOf(given)).toEqual({ temperature: 1, floor: undefined });
  });
});

describe('metadata', () => {
  test.each<[string, unknown, string]>([
    ['that is a text', 'x', 'it: Invalid input: expected object, received string'],
    [
      'with nine labels',
      { ...metadata, labels: Array.from('012345678') },
      'labels: Too small: expected array to have >=10 items',
    ],
    [
      'of another input size',
      { ...metadata, input: { ...metadata.input, width: 32 } },
      'input.width: Invalid option: expected one of 28|56',
    ],
    [
      'that answers probabilities',
      { ...metadata, output: 'softmax' },
      'output: Invalid input: expected "logits"',
    ],
    [
      'with a temperature of 0',
      { ...metadata, calibration: { ...calibration, temperature: 0 } },
      'calibration.temperature: Too small: expected number to be >0',
    ],
    [
      'with no hash',
      { ...metadata, weightsSha256: 'abc' },
      'weightsSha256: Invalid string: must match pattern /^[0-9a-f]{64}$/',
    ],
  ])('%s is refused by its entry', (_, value, reason) => {
    expect(catchError(() => parseMetadata(value, 'net/metadata.json'))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read metadata.json: ${reason}`,
      path: 'net/metadata.json',
    });
  });

  test('of a newer version is distinguished (D17)', () => {
    expect(catchError(() => parseMetadata({ format: 2 }, 'net/metadata.json'))).toMatchObject({
      code: 'E_MODEL_VERSION',
      message: 'cannot read metadata.json: it has format version 2, but this tool reads up to 1',
    });
  });
});
