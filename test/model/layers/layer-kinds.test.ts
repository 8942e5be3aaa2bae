import { describe, expect, test } from 'vitest';
import { kindOf, layerKinds } from '../../../src/model/layers/layer-kinds.ts';

describe('the kinds of layers', () => {
  test('each have a type of their own', () => {
    const types = layerKinds.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
  });

  test('each have classes of their own in model.json', () => {
    const names = layerKinds.flatMap(({ keras }) => keras.map(({ className }) => className));
    expect(new Set(names).size).toBe(names.length);
  });

  test('are found by the type of a layer', () => {
    expect(kindOf({ type: 'dropout', rate: 0.5 }).type).toBe('dropout');
  });

  test('that nobody wrote are not found', () => {
    expect(() => kindOf({ type: 'lstm' } as never)).toThrow('there is no kind of layer lstm');
  });
});
