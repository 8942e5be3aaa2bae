import type { AugmentLevel, Strengths } from '../augment/augment.ts';
import { startSupply } from '../augment/supply.ts';
import type { BatchRequest } from '../augment/supply-child.ts';
import { countTrainingExamples, findPlainWarp } from '../augment/training-examples.ts';
import { TrainerError } from '../core/errors.ts';
import { findNonFinite } from '../core/tensor-file.ts';
import type { Clock } from '../core/time.ts';
import { type Batches, createBatches } from '../data/batches.ts';
import { type Examples, type Splits, takeRange } from '../data/split.ts';
import { evaluateModel } from '../evaluate/evaluate.ts';
import type { Model } from '../model/model.ts';
import { createWeights, readWeights, writeWeights } from '../model/weights.ts';
import type { Betas } from './adam.ts';
import { createAveragingStepper } from './averaging.ts';
import { findEarlyEnd, keepBest } from './early-stopping.ts';
import type { Best, EndReason, Score, StepEvent, TrainEvent, TrainingState } from './events.ts';
import { createFusedStepper } from './fused-stepper.ts';
import type { OptimizerName } from './optimizer.ts';
import { followPlateau, noPlateau, type Plateau } from './plateau.ts';
import type { ScheduleName } from './schedule.ts';
import type { Stepper, StepperOptions } from './stepper.ts';
import { createStockStepper } from './stock-stepper.ts';
import { createTimeline, type Position } from './timeline.ts';

/** How a run trains. */
export interface TrainConfig {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimizer: OptimizerName;
  readonly betas?: Betas;
  /** How much of each kernel a step takes away, times the learning rate; 0 by default. */
  readonly weightDecay?: number;
  /** The share of the wanted probability that goes to all classes alike; 0 by default. */
  readonly labelSmoothing?: number | undefined;
  /** The decay, a step, of the running mean of the weights that is measured and saved; 0, none, by default. */
  readonly average?: number | undefined;
  readonly schedule: ScheduleName;
  readonly seed: number;
  readonly sampling: 'shuffle' | 'replacement';
  /** How the training images vary from epoch to epoch; not at all by default. */
  readonly augment?: AugmentLevel | undefined;
  /** In place of that level's own. */
  readonly strengths?: Strengths | undefined;
  /** Extra pictures of no digit, as a share of the training images; 0 by default. */
  readonly nonDigits?: number | undefined;
  /** Steps between two log points. */
  readonly evalEvery: number;
  /** Test images measured at each. */
  readonly evalImages: number;
  readonly checkpointEvery?: number | undefined;
  readonly maxSteps?: number | undefined;
  readonly timeMs?: number | undefined;
  readonly targetAccuracy?: number | undefined;
  /** Epochs without a better validation score. */
  readonly patience?: number | undefined;
}

/** What a run is given besides its config. */
export interface TrainInput {
  readonly data: Splits;
  readonly resumeFrom?: TrainingState | undefined;
  /** Patience counts from this step at the earliest. */
  readonly patienceFrom?: number | undefined;
  /** Ends the run after the current step. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const checkpointEveryMs = 60_000;

/**
 * Trains a model and yields an event for everything that happens. It pauses while its listener works on an event, so the
 * weights hold still meanwhile. A resumed run ends with the same bits as one that was never interrupted.
 *
 * @throws TrainerError `E_DIVERGED` where the loss or a weight is no longer finite.
 */
export async function* train(
  model: Model,
  { data, resumeFrom, patienceFrom = 0, signal, clock }: TrainInput,
  config: TrainConfig,
): AsyncGenerator<TrainEvent> {
  const { augment = 'none', strengths, nonDigits = 0, seed } = config;
  const variation = { augment, strengths, nonDigits, seed };
  // Our own ops warp images themselves; whatever else varies is made beside the training.
  const warp = model.fused && findPlainWarp(variation);
  const isSupplied = !warp && (augment !== 'none' || nonDigits > 0);
  const count = countTrainingExamples(data.train.count, nonDigits);
  const batches = createBatches({ ...config, count });
  const { stepsPerEpoch } = batches;
  const timeline = createTimeline({ ...config, stepsPerEpoch });
  const earlyStopping = { ...config, stepsPerEpoch, patienceFrom };
  const measured = { validation: data.validation, test: takeRange(data.test, 0, config.evalImages) };
  const startMs = clock.nowMs() - (resumeFrom?.elapsedMs ?? 0);
  const elapsedMs = () => Math.round(clock.nowMs() - startMs);
  let step = resumeFrom?.step ?? 0;
  let best = resumeFrom?.best;
  let plateau = resumeFrom?.plateau ?? noPlateau;
  const withFall = (position: Position) => ({
    ...position,
    learningRate: position.learningRate * plateau.share,
  });
  const positionAt = (at: number) => withFall(timeline.at(at));
  let savedMs = clock.nowMs();
  const findEnd = () => {
    const reason = timeline.endAt(step, elapsedMs());
    return signal.aborted && reason !== 'finished' ? 'interrupted' : reason;
  };

  writeWeights(model, resumeFrom?.weights ?? createWeights(model.architecture, config.seed));
  await letSignalsIn();
  const stepper = createStepper(model, {
    ...config,
    examples: data.train,
    warp,
  });
  // Its own batches: they are of other epochs than those of the steps, where it is ahead.
  const supply = isSupplied
    ? startSupply(data.train, variation, {
        firstStep: step + 1,
        lastStep: timeline.totalSteps,
        requestOf: requestsOf(createBatches({ ...config, count })),
      })
    : undefined;
  try {
    // At step 0 only the weights are given: those of another model, which may be better than all that follow.
    if (resumeFrom && step > 0) stepper.restore(resumeFrom.optimizer);
    else {
      const scores = await measure(model, measured, timeline.at(0));
      if (resumeFrom && scores.validation) best = keepBest(best, scores.validation, 0);
      yield createLogPoint(timeline.at(0), elapsedMs(), scores);
    }

    let reason: EndReason | undefined = findEnd() ?? findEarlyEnd(best, step, earlyStopping);
    while (reason === undefined) {
      // Train up to the next step after which anything else is due.
      const steps = timeline.stepsAfter(step, stepper.stepsAtOnce()).map(withFall);
      const varied = await supply?.take(steps.length);
      const batchScores = stepper.run(
        steps.map((at, index) => ({
          ...at,
          indices: batches.indicesOf(at.step),
          examples: varied?.[index],
        })),
      );
      for (const { loss } of batchScores) {
        step++;
        if (!Number.isFinite(loss)) throw diverged(`the loss is ${loss}`, positionAt(step));
      }
      const batchScore = batchScores.at(-1);
      yield { type: 'progress', step, loss: batchScore?.loss ?? Number.NaN, elapsedMs: elapsedMs() };
      await letSignalsIn();

      reason = findEnd();

      // Measure at each log point and at the end; after Ctrl-C the user is waiting.
      let isBest = false;
      if (timeline.isLogPoint(step) || (reason !== undefined && reason !== 'interrupted')) {
        stepper.writeBack();
        const scores = await measure(model, measured, positionAt(step));
        if (scores.validation) best = keepBest(best, scores.validation, step);
        isBest = best?.step === step;
        reason ??= findEarlyEnd(best, step, earlyStopping);
        const batch = batchScore && { train: batchScore };
        yield createLogPoint(positionAt(step), elapsedMs(), { ...batch, ...scores });
        if (config.schedule === 'plateau' && best)
          plateau = followPlateau(plateau, { step, bestStep: best.step, stepsPerEpoch });
      }

      // Save a new best, the end, each epoch, and every minute.
      const isTime = clock.nowMs() - savedMs >= checkpointEveryMs;
      const due = isBest ? 'best' : reason ? 'end' : (timeline.checkpointAt(step) ?? (isTime && 'interval'));
      if (due) {
        const at = { ...positionAt(step), elapsedMs, best, plateau };
        const captureState = () => capture(model, stepper, at);
        yield { type: 'checkpoint-due', step, reason: due, ...(best && { best }), captureState };
        savedMs = clock.nowMs();
      }
    }
    yield { type: 'ended', reason, step, elapsedMs: elapsedMs(), ...(best && { best }) };
  } finally {
    supply?.dispose();
    stepper.dispose();
  }
}

/** What a step's batch is made of. */
function requestsOf({ stepsPerEpoch, indicesOf }: Batches): (step: number) => BatchRequest {
  return (step) => ({ epoch: Math.ceil(step / stepsPerEpoch), indices: indicesOf(step) });
}

/** What runs the steps: our own ops if the model was built for them, else TensorFlow's. */
export function createStepper(
  model: Model,
  { average = 0, ...options }: StepperOptions & { readonly average?: number | undefined },
): Stepper {
  const { fused } = model;
  const start = () =>
    fused === undefined ? createStockStepper(model, options) : createFusedStepper(model, fused, options);
  return average === 0
    ? start()
    : createAveragingStepper(model, average, { examples: options.examples, start });
}

/** Lets signals and timers be handled. */
const letSignalsIn = () => new Promise<void>((resolve) => setImmediate(resolve));

type Scores = Pick<StepEvent, 'train' | 'validation' | 'test'>;

function createLogPoint(
  { step, epoch, learningRate }: Position,
  elapsedMs: number,
  scores: Scores,
): StepEvent {
  return { type: 'step', step, epoch, elapsedMs, learningRate, ...scores };
}

/** Scores of the weights as they are. @throws TrainerError `E_DIVERGED` where one is not finite: the weights say why. */
async function measure(
  model: Model,
  { validation, test }: { readonly validation: Examples | undefined; readonly test: Examples },
  at: Position,
): Promise<Scores> {
  const score = async (name: string, examples: Examples): Promise<Score> => {
    const { loss, accuracy } = await evaluateModel(model, examples);
    if (Number.isFinite(loss)) return { loss, accuracy };
    throw diverged(findNonFinite(readWeights(model)) ?? `the ${name} loss is ${loss}`, at);
  };
  return {
    ...(validation && { validation: await score('validation', validation) }),
    test: await score('test', test),
  };
}

/** Copies out what a run needs to be resumed. @throws TrainerError `E_DIVERGED` where a number of it is not finite. */
function capture(
  model: Model,
  stepper: Stepper,
  {
    best,
    plateau,
    elapsedMs,
    ...at
  }: Position & {
    readonly best: Best | undefined;
    readonly plateau: Plateau;
    readonly elapsedMs: () => number;
  },
): TrainingState {
  stepper.writeBack();
  const weights = readWeights(model);
  const optimizer = stepper.capture();
  const nonFinite = findNonFinite([...weights, ...optimizer]);
  if (nonFinite !== undefined) throw diverged(nonFinite, at);
  return {
    step: at.step,
    elapsedMs: elapsedMs(),
    weights,
    optimizer,
    ...(best && { best }),
    ...(plateau.fellAt > 0 && { plateau }),
  };
}

function diverged(what: string, { step, epoch, learningRate }: Position): TrainerError {
  return new TrainerError(
    'E_DIVERGED',
    `training diverged in epoch ${Math.ceil(epoch)}, step ${step}, at learning rate ${learningRate}: ${what}`,
    { hint: 'The last checkpoint before that is kept. Try a smaller --lr, such as a tenth of this one.' },
  );
}
