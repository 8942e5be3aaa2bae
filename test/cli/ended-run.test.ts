import { expect, test } from 'vitest';
import type { Output } from '../../src/cli/output.ts';
import { adviseToGoOn } from '../../src/cli/train/ended-run.ts';
import { type TrainOptions, trainOptions } from '../../src/config/train-options.ts';
import type { EndReason } from '../../src/train/events.ts';

/** What is said of a run of 100 steps in all that has ended at step 40. */
function advise(reason: EndReason, given: Partial<TrainOptions>): readonly string[] {
  const defaults = Object.fromEntries(
    Object.entries(trainOptions).map(([key, option]) => [key, option.default]),
  );
  const options = { ...defaults, ...given } as TrainOptions;
  const said: string[] = [];
  const output = {
    note: (text: string) => said.push(text),
    advise: (...words: readonly string[]) => said.push(...words),
  } as unknown as Output;
  adviseToGoOn({ type: 'ended', reason, step: 40, elapsedMs: 1 }, { options, totalSteps: 100 }, output);
  return said;
}

test.each<[EndReason, Partial<TrainOptions>, string, string]>([
  ['finished', { epochs: 2 }, 'after all of its 2 epochs', '--resume --epochs 3'],
  ['max-steps', { maxSteps: 40 }, 'which is --max-steps 40', '--resume --max-steps 80'],
  ['max-steps', { maxSteps: 60 }, 'which is --max-steps 60', '--resume --max-steps 100'],
  ['time', { time: 90_000 }, 'when --time 90s ran out', '--resume --time 3m'],
  [
    'patience',
    { patience: 1 },
    'after 1 epoch without a better validation accuracy (--patience)',
    '--resume --patience 2',
  ],
  [
    'target',
    { targetAcc: 0.9, epochs: 4 },
    'when the validation accuracy reached --target-acc 0.9',
    '--resume --epochs 4',
  ],
  ['finished', { out: 'my net', epochs: 1 }, 'after all of its 1 epoch', "--resume 'my net' --epochs 2"],
])('a run that has ended by %s with %j is reported, and how it continues', (reason, given, why, flags) => {
  expect(advise(reason, given)).toEqual([
    `nothing to do: this run ended at step 40, ${why}. To continue`,
    `mnist-cnn train ${flags}`,
  ]);
});

test('a run whose rate was spread over its epochs cannot continue', () => {
  expect(advise('finished', { schedule: 'cosine' })).toEqual([
    'nothing to do: this run ended at step 40, after all of its 1 epoch; its learning-rate schedule spans its epochs, so more epochs would make it a different run',
  ]);
});
