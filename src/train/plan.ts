import nodePath from 'node:path';
import { toStrengths } from '../augment/augment.ts';
import { flagName } from '../config/options.ts';
import { strengthOptions, type TrainOptions } from '../config/train-options.ts';
import { type ErrorDetails, escapeText, TrainerError } from '../core/errors.ts';
import type { ValidationSize } from '../data/split.ts';
import { type Architecture, withDropout } from '../model/architectures.ts';
import type { TrainConfig } from './train.ts';

/** What the options of a run come to. */
export interface TrainPlan {
  readonly architecture: Architecture;
  readonly validation: ValidationSize;
  readonly config: TrainConfig;
}

/** Turns options and the network that they name into a plan. @throws TrainerError `E_USAGE` where options contradict each other. */
export function planTraining(options: TrainOptions, given: Architecture): TrainPlan {
  const architecture = withDropout(given, options.dropout);
  const validation = options.validation ?? architecture.validation;
  const chosenBy =
    (options.targetAcc !== undefined && '--target-acc') ||
    (options.patience !== undefined && '--patience') ||
    (options.schedule === 'plateau' && '--schedule plateau');
  if (validation === 0 && chosenBy) {
    throw new TrainerError(
      'E_USAGE',
      `${chosenBy} needs validation images, but --validation is 0`,
      adviseValidation(options),
    );
  }
  checkPictures(options, architecture);
  checkVariation(options, architecture);
  checkWeightDecay(options);
  checkWeightsFile(options);
  return {
    architecture,
    validation,
    config: {
      epochs: options.epochs,
      batchSize: options.batchSize,
      learningRate: options.lr,
      optimizer: options.optimizer,
      betas: [options.beta1, options.beta2],
      weightDecay: options.weightDecay,
      labelSmoothing: options.labelSmoothing,
      average: options.average,
      schedule: options.schedule,
      seed: options.seed,
      sampling: options.sampling,
      augment: options.augment,
      strengths: toStrengths(options),
      nonDigits: options.nonDigits,
      evalEvery: options.evalEvery,
      evalImages: options.evalImages,
      checkpointEvery: options.checkpointEvery,
      maxSteps: options.maxSteps,
      timeMs: options.time,
      targetAccuracy: options.targetAcc,
      patience: options.patience,
    },
  };
}

/** How many to hold back depends on the images there are, which are not loaded yet. */
function adviseValidation({ resume, dataset }: TrainOptions): ErrorDetails {
  if (resume !== undefined)
    return { hint: 'The run was started without them, and that cannot be changed now.' };
  const validation = { mnist: 5000, synthetic: 1000 }[dataset];
  if (validation === undefined)
    return { hint: 'Hold some out with --validation N, a sixth of them for example.' };
  return { hint: 'Hold some out:', retryWith: { validation } };
}

/** Pictures are made at log points, of digits. */
function checkPictures({ tsne, evalEvery }: TrainOptions, { name, task = 'digit' }: Architecture): void {
  if (tsne !== undefined && task !== 'digit') {
    throw new TrainerError('E_USAGE', `--tsne draws digits, but the network ${name} reads sums`);
  }
  if (typeof tsne !== 'number' || tsne % evalEvery === 0) return;
  throw new TrainerError(
    'E_USAGE',
    `--tsne ${tsne} is not a multiple of --eval-every ${evalEvery}: pictures are made at log points`,
    { hint: 'Without a number, one is drawn at each of them.' },
  );
}

/** Only single digits are varied, and strengths are those of a variation. */
function checkVariation(options: TrainOptions, { name, task = 'digit' }: Architecture): void {
  const { augment, nonDigits } = options;
  const [strength] = Object.entries(strengthOptions).filter(
    ([key]) => options[key as keyof typeof strengthOptions] !== undefined,
  );
  if (augment === 'none' && strength !== undefined) {
    throw new TrainerError(
      'E_USAGE',
      `--${flagName(strength[0])} says how strong --augment is, which is none`,
      {
        hint: 'With augmentation:',
        retryWith: { augment: 'elastic' },
      },
    );
  }
  if (task === 'digit' || (augment === 'none' && nonDigits === 0)) return;
  const given = augment === 'none' ? `--non-digits ${nonDigits}` : `--augment ${augment}`;
  throw new TrainerError('E_USAGE', `${given} is for single digits, but the network ${name} reads sums`, {
    hint: 'To train it without:',
    retryWith: {
      ...(augment !== 'none' && { augment: 'none' }),
      ...(nonDigits > 0 && { nonDigits: 0 }),
    },
  });
}

/** The schedules have no rate above `--lr`. */
function checkWeightDecay({ weightDecay, lr }: TrainOptions): void {
  if (weightDecay * lr <= 1) return;
  throw new TrainerError(
    'E_USAGE',
    `--weight-decay ${weightDecay} at --lr ${lr} would take more from a weight in a step than there is of it`,
    { hint: 'Their product must be at most 1.' },
  );
}

function checkWeightsFile({ saveWeights, out }: TrainOptions): void {
  if (saveWeights === undefined) return;
  const isAround = `${nodePath.resolve(out)}${nodePath.sep}`.startsWith(
    `${nodePath.resolve(saveWeights)}${nodePath.sep}`,
  );
  if (!isAround) return;
  throw new TrainerError(
    'E_USAGE',
    `--save-weights ${escapeText(saveWeights)} names the model folder or a parent of it, expected a file`,
  );
}
