import { describe, expect, test } from 'vitest';
import { countSteps, createTimeline, type TimelineConfig } from '../../src/train/timeline.ts';

const config: TimelineConfig = {
  epochs: 3,
  stepsPerEpoch: 7,
  evalEvery: 5,
  schedule: 'constant',
  learningRate: 0.01,
};
const create = (changes: Partial<TimelineConfig> = {}) => createTimeline({ ...config, ...changes });
const stepsAfter = (step: number, most: number, changes: Partial<TimelineConfig> = {}) =>
  create(changes)
    .stepsAfter(step, most)
    .map((at) => at.step);

describe('createTimeline', () => {
  test('has all steps of all epochs', () => {
    expect(create().totalSteps).toBe(21);
  });

  test('gives a position in epochs, with the learning rate of the step that was done', () => {
    expect(create().at(14)).toEqual({ step: 14, epoch: 2, learningRate: 0.01 });
  });

  test('has no learning rate before the first step', () => {
    expect(create().at(0)).toEqual({ step: 0, epoch: 0, learningRate: 0 });
  });

  test('steps together end at a log point', () => {
    expect(stepsAfter(2, 64)).toEqual([3, 4, 5]);
  });

  test('steps together end with their epoch', () => {
    expect(stepsAfter(5, 64)).toEqual([6, 7]);
  });

  test('steps together end where a checkpoint is due', () => {
    expect(stepsAfter(0, 64, { checkpointEvery: 3 })).toEqual([1, 2, 3]);
  });

  test('steps together end with the last step of the run, and with --max-steps', () => {
    expect(stepsAfter(20, 64)).toEqual([21]);
    expect(stepsAfter(0, 64, { maxSteps: 2 })).toEqual([1, 2]);
  });

  test('steps together are no more than asked for', () => {
    expect(stepsAfter(0, 2)).toEqual([1, 2]);
  });

  test('log points are multiples of evalEvery', () => {
    expect([4, 5, 7, 10].filter((step) => create().isLogPoint(step))).toEqual([5, 10]);
  });

  test('a checkpoint is due at each epoch and each interval', () => {
    const { checkpointAt } = create({ checkpointEvery: 3 });
    expect([1, 3, 7, 21].map((step) => checkpointAt(step))).toEqual([
      undefined,
      'interval',
      'epoch',
      'epoch',
    ]);
  });

  test('a run ends after its last step, --max-steps or its time', () => {
    const { endAt } = create({ maxSteps: 10, timeMs: 500 });
    expect([endAt(9, 499), endAt(21, 0), endAt(10, 0), endAt(9, 500)]).toEqual([
      undefined,
      'finished',
      'max-steps',
      'time',
    ]);
  });
});

test('a run has the steps of its epochs, or fewer by --max-steps', () => {
  expect([countSteps({ epochs: 3 }, 7), countSteps({ epochs: 3, maxSteps: 10 }, 7)]).toEqual([21, 10]);
  expect(countSteps({ epochs: 3, maxSteps: 100 }, 7)).toBe(21);
});
