import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { splitExamples } from '../../src/data/split.ts';
import { findArchitecture } from '../../src/model/architectures.ts';
import { buildModel, disposeModel, type Kernels } from '../../src/model/model.ts';
import { createWeights } from '../../src/model/weights.ts';
import type { TrainEvent, TrainingState } from '../../src/train/events.ts';
import { type TrainConfig, train } from '../../src/train/train.ts';
import { createSmallSplits } from '../support/digits.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const small = createSmallSplits(130, 20);
const config: TrainConfig = {
  epochs: 3,
  batchSize: 20,
  learningRate: 0.01,
  optimizer: 'adam',
  schedule: 'constant',
  seed: 0,
  sampling: 'shuffle',
  evalEvery: 5,
  evalImages: 10,
};

interface Outcome {
  readonly events: readonly TrainEvent[];
  /** Captured at the last checkpoint. */
  readonly state: TrainingState | undefined;
}

/** Trains to the end, or until after `stopAt`, with validation and dropout (the network convnet). */
async function run(
  changes: Partial<TrainConfig> & {
    readonly arch?: string;
    readonly validation?: number;
    readonly kernels?: Kernels;
  } = {},
  { stopAt, resumeFrom }: { readonly stopAt?: number; readonly resumeFrom?: TrainingState | undefined } = {},
): Promise<Outcome> {
  const { arch = 'convnet', validation = 30, kernels = 'stock', ...rest } = changes;
  const controller = new AbortController();
  const events: TrainEvent[] = [];
  let state: TrainingState | undefined;
  let nowMs = 0;
  const clock = { nowMs: () => nowMs++, today: () => new Date(0) };
  const model = buildModel(findArchitecture(arch), kernels);
  const input = { data: splitExamples(small, validation, 0), resumeFrom, signal: controller.signal, clock };
  try {
    for await (const event of train(model, input, { ...config, ...rest })) {
      events.push(event);
      if (event.type === 'progress' && event.step >= (stopAt ?? Number.POSITIVE_INFINITY)) controller.abort();
      if (event.type === 'checkpoint-due') state = event.captureState();
    }
  } finally {
    disposeModel(model);
  }
  return { events, state };
}

function hashOf(state: TrainingState | undefined): string {
  const hash = createHash('sha256');
  for (const { name, values } of [...(state?.weights ?? []), ...(state?.optimizer ?? [])]) {
    hash.update(name).update(values);
  }
  return hash.digest('hex');
}

const stepsOf = (events: readonly TrainEvent[], type: TrainEvent['type']) =>
  events.filter((event) => event.type === type).map(({ step }) => step);

/** The log points after a step, without their times. */
const pointsAfter = (stopAt: number, events: readonly TrainEvent[]) =>
  events
    .filter((event) => event.type === 'step' && event.step > stopAt)
    .map((event) => ({ ...event, elapsedMs: 0 }));

describe('train', () => {
  test('measures before the first step, every `evalEvery` steps and after the last', async () => {
    const { events } = await run();
    expect(stepsOf(events, 'step')).toEqual([0, 5, 10, 15]);
    expect(stepsOf((await run({ evalEvery: 4 })).events, 'step')).toEqual([0, 4, 8, 12, 15]);
  });

  test('has no training loss at step 0, the untrained network', async () => {
    const [first] = (await run({ maxSteps: 1 })).events;
    expect(first).toMatchObject({ type: 'step', step: 0, epoch: 0, learningRate: 0 });
    expect(first).not.toHaveProperty('train');
  });

  test('asks for a checkpoint at each epoch and at the end', async () => {
    const { events } = await run({ validation: 0, arch: 'cnn', epochs: 2 });
    const due = events.filter((event) => event.type === 'checkpoint-due');
    expect(due.map(({ step, reason }) => [step, reason])).toEqual([
      [7, 'epoch'],
      [14, 'end'],
    ]);
  });

  test('asks for a checkpoint every `checkpointEvery` steps', async () => {
    const { events } = await run({ validation: 0, arch: 'cnn', epochs: 1, checkpointEvery: 3 });
    expect(stepsOf(events, 'checkpoint-due')).toEqual([3, 6, 7]);
  });

  test('ends after `maxSteps`, and says so', async () => {
    const { events } = await run({ maxSteps: 3 });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'max-steps', step: 3 });
  });

  test('ends when the validation accuracy reaches the target', async () => {
    const { events } = await run({ targetAccuracy: 0.01 });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'target', step: 5 });
  });

  test('ends when the time is over', async () => {
    // The clock of these tests goes on by a millisecond each time that it is read.
    const { events } = await run({ timeMs: 12 });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'time' });
    expect(stepsOf(events, 'progress').length).toBeGreaterThan(0);
    expect(stepsOf(events, 'progress').length).toBeLessThan(15);
  });

  test('ends when patience is over, with the best step named', async () => {
    const { events } = await run({ learningRate: 1e-30, optimizer: 'sgd', patience: 1, epochs: 9 });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'patience', step: 10, best: { step: 5 } });
  });

  test('gives the same bits for the same seed, others for another, and takes seed 0 for a seed', async () => {
    const [first, second, other] = [await run(), await run(), await run({ seed: 1 })];
    expect(hashOf(first.state)).toBe(hashOf(second.state));
    expect(hashOf(first.state)).not.toBe(hashOf(other.state));
  });

  test('learns: the loss of the last batch is far below that of the first', async () => {
    const { events } = await run({ validation: 0, arch: 'cnn', epochs: 8, learningRate: 0.003 });
    const losses = events.filter((event) => event.type === 'progress').map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  });

  test('has more steps with pictures of no digit', async () => {
    const { events } = await run({ nonDigits: 0.5, epochs: 1 });
    expect(events.at(-1)).toMatchObject({ reason: 'finished', step: 8 });
  });

  test('draws with replacement, as many steps as an epoch has', async () => {
    const { events } = await run({ sampling: 'replacement', epochs: 1 });
    expect(events.at(-1)).toMatchObject({ reason: 'finished', step: 5 });
  });

  test('ends with E_DIVERGED naming epoch, step and learning rate where the loss is not a number', async () => {
    await expect(run({ learningRate: 1e6, optimizer: 'sgd', epochs: 9 })).rejects.toMatchObject({
      code: 'E_DIVERGED',
      message: expect.stringMatching(
        /^training diverged in epoch \d, step \d+, at learning rate 1000000: the loss is NaN$/,
      ),
    });
  });

  test('refuses to hand out a state with a weight that is not finite', async () => {
    await expect(
      run({ learningRate: 1e6, optimizer: 'sgd', epochs: 9, checkpointEvery: 1 }),
    ).rejects.toMatchObject({ code: 'E_DIVERGED' });
  });

  test('leaves no tensor behind', async () => {
    await run({ maxSteps: 1 });
    const before = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(['fused', 'stock'] as const)('given weights, on the %s ops', (kernels) => {
  const weights = createWeights(findArchitecture('convnet'), 7);
  const resumeFrom = { step: 0, elapsedMs: 0, weights, optimizer: [] };

  test('are measured before the first step', async () => {
    const [own] = (await run({ kernels, seed: 7, maxSteps: 1 })).events;
    const [given] = (await run({ kernels, maxSteps: 1 }, { resumeFrom })).events;
    expect({ ...given, elapsedMs: 0 }).toEqual({ ...own, elapsedMs: 0 });
  });

  test('may be the best by validation', async () => {
    const { state } = await run({ kernels });
    const { events } = await run(
      { kernels, learningRate: 10, optimizer: 'sgd', maxSteps: 1 },
      { resumeFrom: { ...resumeFrom, weights: state?.weights ?? [] } },
    );
    expect(events.at(-1)).toMatchObject({ type: 'ended', best: { step: 0 } });
  });

  test('are trained with an optimizer that remembers nothing', async () => {
    const given = await run({ kernels, seed: 7 }, { resumeFrom });
    expect(hashOf(given.state)).toBe(hashOf((await run({ kernels, seed: 7 })).state));
  });
});

describe('resuming', () => {
  let whole: Outcome;
  beforeAll(async () => {
    whole = await run();
  });

  test.each([1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14])(
    'ends with the same weights and optimizer state when stopped after step %i of 15 (D31)',
    async (stopAt) => {
      const stopped = await run({}, { stopAt });
      expect(stopped.events.at(-1)).toMatchObject({ type: 'ended', reason: 'interrupted', step: stopAt });
      const resumed = await run({}, { resumeFrom: stopped.state });
      expect(hashOf(resumed.state)).toBe(hashOf(whole.state));
      expect(resumed.state?.best).toEqual(whole.state?.best);
    },
  );

  test.each([1, 3, 5, 8, 10])(
    'ends with the same bits on the fused ops, which run several steps at once, when stopped after step %i (D31)',
    async (stopAt) => {
      const fused = await run({ kernels: 'fused' });
      const stopped = await run({ kernels: 'fused' }, { stopAt });
      const resumed = await run({ kernels: 'fused' }, { resumeFrom: stopped.state });
      expect(stopped.events.at(-1)).toMatchObject({ type: 'ended', reason: 'interrupted' });
      expect(hashOf(resumed.state)).toBe(hashOf(fused.state));
      expect(hashOf(fused.state)).not.toBe(hashOf(whole.state));
    },
  );

  test.each([
    ['stock', 6],
    ['fused', 5],
  ] as const)(
    'ends with the same bits when images vary from epoch to epoch: %s ops, stopped after step %i (D31)',
    async (kernels, stopAt) => {
      const changes = { kernels, augment: 'pens', nonDigits: 0.2 } as const;
      const expected = await run(changes);
      const stopped = await run(changes, { stopAt });
      const resumed = await run(changes, { resumeFrom: stopped.state });
      expect(stopped.events.at(-1)).toMatchObject({ type: 'ended', reason: 'interrupted' });
      expect(hashOf(resumed.state)).toBe(hashOf(expected.state));
      expect(hashOf((await run({ kernels })).state)).not.toBe(hashOf(expected.state));
    },
  );

  test.each(['adam', 'momentum'] as const)(
    'ends with the same bits with weight decay, which changes them: %s (D31)',
    async (optimizer) => {
      const changes = { optimizer, weightDecay: 0.5, schedule: 'linear' } as const;
      const expected = await run(changes);
      const stopped = await run(changes, { stopAt: 6 });
      const resumed = await run(changes, { resumeFrom: stopped.state });
      expect(hashOf(resumed.state)).toBe(hashOf(expected.state));
      expect(hashOf((await run({ ...changes, weightDecay: 0 })).state)).not.toBe(hashOf(expected.state));
    },
  );

  test.each([
    ['convnet', 'stock'],
    ['convnet', 'fused'],
    ['cnn-small', 'fused'],
  ] as const)(
    'ends with the same bits with averaged weights, which are other ones: %s, %s',
    async (arch, kernels) => {
      const changes = { arch, kernels, average: 0.9, checkpointEvery: 1 };
      const expected = await run(changes);
      for (const stopAt of [6, 10, 13]) {
        const stopped = await run(changes, { stopAt });
        const resumed = await run(changes, { resumeFrom: stopped.state });
        expect(hashOf(resumed.state)).toBe(hashOf(expected.state));
      }
      const plain = await run({ arch, kernels });
      expect(plain.state?.weights).not.toEqual(expected.state?.weights);
      // Training goes on from weights of its own: the average changes what is measured, not what is learned.
      const losses = ({ events }: Outcome) =>
        events.flatMap((event) => (event.type === 'progress' ? [`${event.step} ${event.loss}`] : [])).at(-1);
      expect(losses(expected)).toBe(losses(plain));
    },
  );

  test('ends with the same bits with all that a preset has, wherever it was stopped (D31)', async () => {
    const changes = {
      kernels: 'fused',
      augment: 'elastic',
      strengths: { rotation: 10 },
      average: 0.9,
      labelSmoothing: 0.1,
      schedule: 'linear',
      checkpointEvery: 1,
    } as const;
    const expected = await run(changes);
    for (let stopAt = 1; stopAt <= 12; stopAt++) {
      const stopped = await run(changes, { stopAt });
      const resumed = await run(changes, { resumeFrom: stopped.state });
      expect(stopped.events.at(-1)).toMatchObject({ type: 'ended', reason: 'interrupted' });
      expect(hashOf(resumed.state), `stopped after step ${stopAt}`).toBe(hashOf(expected.state));
    }
    const others = [{ augment: 'none' }, { strengths: {} }, { average: 0 }] as const;
    for (const other of others)
      expect(hashOf((await run({ ...changes, ...other })).state)).not.toBe(hashOf(expected.state));
  });

  test('lets the rate fall where validation stands still, also after it was stopped', async () => {
    // Steps of no length: no score is better than the first.
    const changes = { schedule: 'plateau', optimizer: 'sgd', learningRate: 1e-30, epochs: 7 } as const;
    const ratesOf = ({ events }: Outcome) =>
      events.flatMap((event) => (event.type === 'step' ? [[event.step, event.learningRate] as const] : []));
    const uninterrupted = ratesOf(await run(changes));
    expect(uninterrupted).toEqual([
      [0, 0],
      ...[5, 10, 15].map((step) => [step, 1e-30]),
      ...[20, 25].map((step) => [step, 0.3 * 1e-30]),
      ...[30, 35].map((step) => [step, 0.3 * 0.3 * 1e-30]),
    ]);
    for (const stopAt of [12, 17, 28]) {
      const stopped = await run(changes, { stopAt });
      const resumed = await run(changes, { resumeFrom: stopped.state });
      expect(ratesOf(resumed)).toEqual(uninterrupted.filter(([step]) => step > (stopped.state?.step ?? 0)));
    }
  });

  test('averages by the decay, and by less at first', async () => {
    const stop = { stopAt: 10 };
    const [plain, averaged] = [await run({}, stop), await run({ average: 0.9 }, stop)];
    const initial = createWeights(findArchitecture('convnet'), 0);
    // (1 + 10) / (10 + 10) of the average stays in each of ten steps.
    const kept = 0.55 ** 10;
    expect(averaged.state?.weights).toHaveLength(initial.length);
    averaged.state?.weights.forEach(({ values }, index) => {
      values.forEach((value, at) => {
        const end = plain.state?.weights[index]?.values[at] ?? Number.NaN;
        const start = initial[index]?.values[at] ?? Number.NaN;
        expect(value).toBeCloseTo(end + (start - end) * kept, 6);
      });
    });
  });

  test('smooths labels alike on both kinds of ops, which makes the loss larger', async () => {
    const changes = { labelSmoothing: 0.1, validation: 0, arch: 'conv3x3' };
    const lossesOf = ({ events }: Outcome) =>
      events.flatMap((event) => (event.type === 'step' && event.train ? [event.train.loss] : []));
    const [fused, stock, plain] = [
      lossesOf(await run({ ...changes, kernels: 'fused' })),
      lossesOf(await run({ ...changes, kernels: 'stock' })),
      lossesOf(await run({ ...changes, kernels: 'fused', labelSmoothing: 0 })),
    ];
    expect(fused.length).toBeGreaterThan(2);
    fused.forEach((loss, index) => expect(loss).toBeCloseTo(stock[index] ?? Number.NaN, 3));
    expect(fused.at(-1)).toBeGreaterThan((plain.at(-1) ?? 0) + 0.05);
  });

  test('shrinks weights alike on both kinds of ops', async () => {
    const [fused, stock] = [
      await run({ kernels: 'fused', weightDecay: 0.5, validation: 0 }),
      await run({ kernels: 'stock', weightDecay: 0.5, validation: 0 }),
    ];
    stock.state?.weights.forEach(({ values }, index) => {
      values.forEach((value, at) => expect(fused.state?.weights[index]?.values[at]).toBeCloseTo(value, 3));
    });
  });

  test.each([2, 5, 9])(
    'continues with learning rate and scores where it was when stopped after step %i (D28)',
    async (stopAt) => {
      const changes = { schedule: 'cosine', evalEvery: 1 } as const;
      const expected = await run(changes);
      const stopped = await run(changes, { stopAt });
      const resumed = await run(changes, { resumeFrom: stopped.state });
      expect(pointsAfter(stopAt, resumed.events)).toEqual(pointsAfter(stopAt, expected.events));
    },
  );

  test.each([6, 8])(
    'continues with the patience that is left when stopped after step %i (D28)',
    async (stopAt) => {
      const changes = { learningRate: 1e-30, optimizer: 'sgd', patience: 1, epochs: 9 } as const;
      const stopped = await run(changes, { stopAt });
      const resumed = await run(changes, { resumeFrom: stopped.state });
      expect(resumed.events.at(-1)).toMatchObject({ reason: 'patience', step: 10, best: { step: 5 } });
    },
  );

  test('takes no worse score for the best (D28)', async () => {
    const stopped = await run({}, { stopAt: 6 });
    if (stopped.state === undefined) throw new Error('no checkpoint');
    const best = { step: 5, loss: 0, accuracy: 1 };
    const resumed = await run({ evalEvery: 1 }, { resumeFrom: { ...stopped.state, best } });
    const reasons = resumed.events
      .filter((event) => event.type === 'checkpoint-due')
      .map(({ reason }) => reason);
    expect([reasons, resumed.state?.best]).toEqual([['epoch', 'end'], best]);
  });

  test('ends with other weights when the optimizer state is left out', async () => {
    const stopped = await run({}, { stopAt: 7 });
    const state = stopped.state;
    if (state === undefined) throw new Error('no checkpoint');
    const forgotten = state.optimizer.map((array) => ({ ...array, values: array.values.map(() => 0) }));
    const resumed = await run({}, { resumeFrom: { ...state, optimizer: forgotten } });
    expect(hashOf(resumed.state)).not.toBe(hashOf(whole.state));
  });

  test('comes to the same when epochs are added at a constant rate', async () => {
    const short = await run({ epochs: 2 });
    const extended = await run({ epochs: 3 }, { resumeFrom: short.state });
    expect(hashOf(extended.state)).toBe(hashOf(whole.state));
  });

  test('has nothing to do after the last step', async () => {
    const again = await run({}, { resumeFrom: whole.state });
    expect(again.events.map(({ type }) => type)).toEqual(['ended']);
  });
});
