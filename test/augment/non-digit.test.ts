import { describe, expect, test } from 'vitest';
import { letterVariants } from '../../src/augment/letter-strokes.ts';
import { drawNonDigit } from '../../src/augment/non-digit.ts';
import { shapeVariants } from '../../src/augment/shape-strokes.ts';
import { turnDigit } from '../../src/augment/spoiled-digits.ts';
import { random } from '../../src/core/random.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

const digits = createSyntheticDigits({ seed: 6, count: 100 });
const draw = (position: number) => {
  const numbers = random(0, 'test', position);
  return drawNonDigit(() => {
    const index = numbers.integer(digits.count);
    return {
      image: digits.images.subarray(index * 784, (index + 1) * 784),
      label: digits.labels[index] ?? 0,
    };
  }, numbers);
};

describe('pictures of no digit', () => {
  test("have no letter of a digit's shape among them", () => {
    expect(Object.keys(letterVariants).filter((letter) => 'OoQDIilZzSsbBgq'.includes(letter))).toEqual([]);
  });

  test('are drawn from strokes of at least two points', () => {
    const strokes = [...Object.values(letterVariants), shapeVariants].flat(2);
    expect(strokes.filter((stroke) => stroke.length < 4 || stroke.length % 2 !== 0)).toEqual([]);
    expect(strokes.flat().every(Number.isFinite)).toBe(true);
  });

  test('follow from their numbers alone', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test('have 784 pixels with ink in them', () => {
    const pictures = Array.from({ length: 600 }, (_, position) => draw(position));
    expect(new Set(pictures.map(({ length }) => length))).toEqual(new Set([784]));
    expect(pictures.filter((picture) => Math.max(...picture) < 10)).toEqual([]);
  });
});

describe('turnDigit', () => {
  test('takes no digit that stays one', () => {
    const turned = new Set<number>();
    for (let position = 0; position < 300; position++) {
      const numbers = random(0, 'turn', position);
      let last = 0;
      turnDigit(() => {
        last = numbers.integer(10);
        return { image: new Uint8Array(784), label: last };
      }, numbers);
      turned.add(last);
    }
    expect([...turned].sort((one, other) => one - other)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
