import { check, checkEqual, checkInteger } from './checks.ts';

/** A network as our ops read it, made by model/fused-plan.ts. */
export interface OpPlan {
  readonly imageSizeBytes: number;
  /**
   * Eight numbers for each layer. Convolution with its pool: 0, height, width, channels, kernel size, padding, filters, flags.
   * Dense: 1, inputs, units, four zeros, flags. Dropout: 2, units, six zeros. The flags are 1 for ReLU plus 2 for a bias.
   */
  readonly layers: readonly (readonly number[])[];
  /** Scale and offset of a pixel, then a number a layer: the rate of a dropout layer, else 0. */
  readonly settings: readonly number[];
  /** Positions of the dropout layers in the architecture. */
  readonly dropouts: readonly number[];
}

/** What follows from a plan, and what each call is checked against. A type, so that `tf.dispose` takes what holds it. */
export type OpSizes = {
  readonly imageSizeBytes: number;
  readonly parameterCount: number;
  readonly classCount: number;
  readonly dropoutCount: number;
  /** Numbers in the widest row of a dense layer: C++ multiplies it by the batch size. */
  readonly widest: number;
};

/** C++ counts in 32 bits, and rounds sizes up to whole vectors. */
export const largestSize = 2 ** 30;

const kinds = { conv: 0, dense: 1, dropout: 2 } as const;
const vectorSize = 16;

/** What a layer gives to the next one: `shape` is [H, W, C] behind a convolution. */
interface Output {
  readonly size: number;
  readonly shape?: readonly number[];
  readonly parameterCount: number;
}

/**
 * Checks what native/ops.cc takes for granted about a plan: its numbers, that each layer fits the one before it, and that
 * sizes stay within 32 bits.
 *
 * @throws TrainerError `E_INTERNAL` with the first number that is not sound.
 */
export function measurePlan({ imageSizeBytes, layers, settings, dropouts }: OpPlan): OpSizes {
  checkInteger('the size of an image', imageSizeBytes, 1, largestSize);
  checkEqual('the number of settings', settings.length, layers.length + 2);
  // Settings become float32 on their way to C++.
  for (const setting of settings)
    check(Number.isFinite(Math.fround(setting)), 'a setting', 'a finite number', setting);
  let last: Output = { size: imageSizeBytes, parameterCount: 0 };
  let [parameterCount, widest] = [0, 0];
  for (const [index, row] of layers.entries()) {
    const name = `layer ${index}`;
    checkEqual(`the length of ${name}`, row.length, 8);
    for (const value of row) checkInteger(`a number of ${name}`, value, 0, largestSize);
    const [kind = -1, inputs = 0, units = 0] = row;
    checkInteger(`the kind of ${name}`, kind, 0, 2);
    if (kind === kinds.conv) {
      // An image has one channel: C++ copies it row by row.
      last = followConvolution(name, row, index === 0 ? { ...last, shape: [inputs, units, 1] } : last);
    } else {
      checkEqual(`the number of inputs of ${name}`, inputs, last.size);
      last = kind === kinds.dense ? followDense(name, row) : { size: inputs, parameterCount: 0 };
    }
    if (kind === kinds.dense) widest = Math.max(widest, roundUp(inputs), roundUp(units));
    const rate = settings[index + 2] ?? Number.NaN;
    check(rate >= 0 && Math.fround(rate) < 1, `the rate of ${name}`, 'from 0 to below 1', rate);
    parameterCount += last.parameterCount;
  }
  const [lastKind, , , , , , , lastFlags] = layers.at(-1) ?? [];
  checkEqual('the kind of the last layer', lastKind ?? 'none', kinds.dense);
  check(!hasFlag(lastFlags, 1), 'the last layer', 'one without ReLU', 'one with ReLU');
  checkInteger('the number of parameters', parameterCount, 1, largestSize);
  const dropoutCount = layers.filter(([kind]) => kind === kinds.dropout).length;
  checkEqual('the number of dropout layers', dropouts.length, dropoutCount);
  return { imageSizeBytes, parameterCount, classCount: last.size, dropoutCount, widest };
}

/** Convolution with its pool. */
function followConvolution(name: string, row: readonly number[], { size, shape }: Output): Output {
  const [, height = 0, width = 0, channels = 0, kernelSize = 0, pad = 0, filters = 0, flags = 0] = row;
  const expected = shape?.join(' x ') ?? 'no convolution';
  checkEqual(`the input shape of ${name}`, [height, width, channels].join(' x '), expected);
  checkEqual(`the number of inputs of ${name}`, height * width * channels, size);
  const [paddedHeight, paddedWidth] = [height + 2 * pad, width + 2 * pad];
  checkInteger(`the padded size of ${name}`, paddedHeight * paddedWidth * channels, 1, largestSize);
  checkInteger(`the kernel size of ${name}`, kernelSize, 1, Math.min(paddedHeight, paddedWidth) - 1);
  checkInteger(`the number of filters of ${name}`, filters, 1, largestSize);
  checkInteger(`the flags of ${name}`, flags, 0, 3);
  const rowTaps = kernelSize * channels;
  checkInteger(`the size of the filters of ${name}`, filters * kernelSize * roundUp(rowTaps), 1, largestSize);
  const pool = (length: number) => Math.floor((length - kernelSize + 1) / 2);
  const output = [pool(paddedHeight), pool(paddedWidth), filters] as const;
  const outputSize = output[0] * output[1] * filters;
  checkInteger(`the size of the output of ${name}`, outputSize, 1, largestSize);
  const parameterCount = filters * (kernelSize * rowTaps + (hasFlag(flags, 2) ? 1 : 0));
  return { size: outputSize, shape: output, parameterCount };
}

function followDense(name: string, row: readonly number[]): Output {
  const [, inputs = 0, units = 0, , , , , flags = 0] = row;
  checkInteger(`the number of units of ${name}`, units, 1, Math.floor(largestSize / roundUp(inputs)));
  checkInteger(`the flags of ${name}`, flags, 0, 3);
  return { size: units, parameterCount: units * (inputs + (hasFlag(flags, 2) ? 1 : 0)) };
}

function hasFlag(flags: number | undefined, flag: 1 | 2): boolean {
  return flags !== undefined && Math.floor(flags / flag) % 2 === 1;
}

function roundUp(size: number): number {
  return Math.ceil(size / vectorSize) * vectorSize;
}
