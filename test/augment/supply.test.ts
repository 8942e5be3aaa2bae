import { afterEach, expect, test } from 'vitest';
import { type BatchSupply, startSupply } from '../../src/augment/supply.ts';
import { createTakeBatch } from '../../src/augment/training-examples.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

const digits = createSyntheticDigits({ seed: 7, count: 40 });
const variation = { augment: 'pens', nonDigits: 0.1, seed: 3 } as const;
/** Eleven examples a step, four steps an epoch. */
const requestOf = (step: number) => ({
  epoch: Math.ceil(step / 4),
  indices: Uint32Array.from({ length: 11 }, (_, at) => ((step - 1) % 4) * 11 + at),
});

let supply: BatchSupply | undefined;

afterEach(() => supply?.dispose());

test('a supply gives the batches of its steps in their order, over the epochs, from any step on', async () => {
  supply = startSupply(digits, variation, { firstStep: 3, lastStep: 9, requestOf });
  const batches = [...(await supply.take(1)), ...(await supply.take(4)), ...(await supply.take(2))];
  const takeBatch = createTakeBatch(digits, variation);
  const expected = [3, 4, 5, 6, 7, 8, 9].map((step) => {
    const { indices, epoch } = requestOf(step);
    return takeBatch?.(indices, epoch);
  });
  expect(batches).toEqual(expected);
});

test('a supply whose process has ended says so', async () => {
  // Without anything to vary, the process has nothing to send and fails.
  supply = startSupply(
    digits,
    { augment: 'none', nonDigits: 0, seed: 0 },
    { firstStep: 1, lastStep: 9, requestOf },
  );
  await expect(supply.take(1)).rejects.toMatchObject({
    code: 'E_OS',
    message: 'the process that varies training images ended: exit code 1',
    hint: 'The system is probably out of memory or processes.',
  });
});
