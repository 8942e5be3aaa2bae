import type { TrainOptions } from '../../config/train-options.ts';
import type { Splits } from '../../data/split.ts';
import { type Architecture, taskOf } from '../../model/architectures.ts';
import type { Metadata } from '../../model/metadata.ts';
import { countParameters } from '../../model/shapes.ts';
import type { StepEvent } from '../../train/events.ts';

/** What a trained model's `metadata.json` is made from. */
export interface ModelOrigin {
  readonly architecture: Architecture;
  readonly options: TrainOptions;
  readonly data: Splits;
  /** Number and hashes of the images that the splits were cut from. */
  readonly source: Metadata['trained']['data'];
  /** Of the weights that the model holds. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly points: readonly Omit<StepEvent, 'type'>[];
  /** Measured at the end of a training only. */
  readonly calibration?: Metadata['calibration'];
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes a model as `metadata.json` does: how to feed it, where it comes from, how good these weights are, where they were measured. */
export function describeModel(origin: ModelOrigin): Omit<Metadata, 'weightsSha256'> {
  const { architecture, options, data, step, points, calibration, versions } = origin;
  const measured = points.findLast((point) => point.step === step);
  const { classes, inputShape } = taskOf(architecture);
  const [height, width, channels] = inputShape;
  const validationImages = data.validation?.count ?? 0;
  return {
    format: 1,
    architecture: architecture.name,
    labels: Array.from({ length: classes }, (_, label) => String(label)),
    input: { height, width, channels, ...architecture.pixels },
    output: 'logits',
    parameters: countParameters(architecture),
    trained: {
      dataset: options.dataset,
      steps: step,
      epochs: step / origin.stepsPerEpoch,
      seed: options.seed,
      ...(options.transpose && { transpose: true }),
      ...(origin.source && { data: origin.source }),
    },
    scores: {
      ...(measured && { test: { ...measured.test, images: Math.min(options.evalImages, data.test.count) } }),
      ...(measured?.validation && { validation: { ...measured.validation, images: validationImages } }),
    },
    ...(calibration && { calibration }),
    versions: { ...versions },
  };
}
