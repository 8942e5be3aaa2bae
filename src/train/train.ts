import { TrainerError } from '../core/errors.ts';
import { findNonFinite } from '../core/tensor-file.ts';
import type { Clock } from '../core/time.ts';
import { createBatches } from '../data/batches.ts';
import { type Splits, takeRange } from '../data/split.ts';
import { evaluateModel } from '../evaluate/evaluate.ts';
import type { Model } from '../model/layers.ts';
import { createWeights, readWeights, writeWeights } from '../model/weights.ts';
import type { Betas } from './adam.ts';
import { createStepper } from './choose-stepper.ts';
import { isOutOfPatience, keepBest } from './early-stopping.ts';
import type { Best, EndReason, Score, StepEvent, TrainEvent, TrainingState } from './events.ts';
import type { OptimizerName } from './optimizer.ts';
import { learningRateAt, type ScheduleName } from './schedule.ts';
import type { Stepper } from './stepper.ts';

/** How a run trains. */
export interface TrainConfig {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimizer: OptimizerName;
  readonly betas?: Betas;
  readonly schedule: ScheduleName;
  readonly seed: number;
  readonly sampling: 'shuffle' | 'replacement';
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
  /** No step before this one counts as waited for a better score. */
  readonly patienceFrom?: number | undefined;
  /** Ends the run after the step at hand. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const checkpointEveryMs = 60_000;

/**
 * Trains a model and reports what happens, event by event. It pauses while its listener works on an event, so the weights
 * hold still meanwhile. A resumed run continues bit for bit as if it had never stopped.
 *
 * @throws TrainerError `E_DIVERGED` where the loss or a weight is no longer finite.
 */
export async function* train(
  model: Model,
  input: TrainInput,
  config: TrainConfig,
): AsyncGenerator<TrainEvent> {
  const { data, resumeFrom, patienceFrom = 0, signal, clock } = input;
  const batches = createBatches({ ...config, count: data.train.count });
  const totalSteps = config.epochs * batches.stepsPerEpoch;
  const testImages = takeRange(data.test, 0, config.evalImages);
  const startMs = clock.nowMs() - (resumeFrom?.elapsedMs ?? 0);
  const elapsedMs = () => Math.round(clock.nowMs() - startMs);
  const rateAt = (at: number) => learningRateAt(at, { ...config, totalSteps });
  let step = resumeFrom?.step ?? 0;
  let best: Best | undefined = resumeFrom?.best;
  let savedMs = clock.nowMs();
  let stepper: Stepper | undefined;

  const measure = async (trainScore?: Score): Promise<StepEvent> => {
    stepper?.writeBack();
    const validation = data.validation && (await evaluateModel(model, data.validation));
    const test = await evaluateModel(model, testImages);
    checkScores({ validation, test });
    return {
      type: 'step',
      step,
      epoch: step / batches.stepsPerEpoch,
      elapsedMs: elapsedMs(),
      learningRate: step === 0 ? 0 : rateAt(step),
      ...(trainScore && { train: trainScore }),
      ...(validation && { validation: { loss: validation.loss, accuracy: validation.accuracy } }),
      test: { loss: test.loss, accuracy: test.accuracy },
    };
  };
  /** What is not finite must not be reported as a score: the weights say why. */
  const checkScores = (scores: Readonly<Record<string, Score | undefined>>) => {
    const [name, lost] = Object.entries(scores).find(([, score]) => !Number.isFinite(score?.loss ?? 0)) ?? [];
    if (lost === undefined) return;
    throw diverged(findNonFinite(readWeights(model)) ?? `the ${name} loss is ${lost.loss}`, position());
  };
  const captureState = (): TrainingState => {
    stepper?.writeBack();
    const state = {
      step,
      elapsedMs: elapsedMs(),
      weights: readWeights(model),
      optimizer: stepper?.capture() ?? [],
      ...(best && { best }),
    };
    const nonFinite = findNonFinite([...state.weights, ...state.optimizer]);
    if (nonFinite !== undefined) throw diverged(nonFinite, position());
    return state;
  };

  const position = () => ({ step, stepsPerEpoch: batches.stepsPerEpoch, learningRate: rateAt(step) });
  /** The next steps, up to the next one after which something else is due. */
  const planSteps = (most: number) => {
    const borders = [config.evalEvery, batches.stepsPerEpoch, config.checkpointEvery ?? config.evalEvery];
    const next = borders.map((every) => (Math.floor(step / every) + 1) * every);
    const last = Math.min(...next, totalSteps, config.maxSteps ?? totalSteps, step + most);
    return Array.from({ length: last - step }, (_, index) => {
      const at = step + 1 + index;
      return { step: at, learningRate: rateAt(at), indices: batches.indicesOf(at) };
    });
  };
  const findEnd = (): EndReason | undefined => {
    if (step >= totalSteps) return 'finished';
    if (signal.aborted) return 'interrupted';
    if (step >= (config.maxSteps ?? totalSteps)) return 'max-steps';
    return elapsedMs() >= (config.timeMs ?? Number.POSITIVE_INFINITY) ? 'time' : undefined;
  };
  /** Whether validation says that the run can end: the target is reached, or nothing got better for too long. */
  const findEarlyEnd = (): EndReason | undefined => {
    const { targetAccuracy = Number.POSITIVE_INFINITY, patience } = config;
    if (best !== undefined && best.accuracy >= targetAccuracy) return 'target';
    return isOutOfPatience(best, { ...position(), patience, patienceFrom }) ? 'patience' : undefined;
  };
  const findDue = () => {
    if (step % batches.stepsPerEpoch === 0) return 'epoch';
    const isDue = step % (config.checkpointEvery ?? Number.POSITIVE_INFINITY) === 0;
    return isDue || clock.nowMs() - savedMs >= checkpointEveryMs ? 'interval' : undefined;
  };

  try {
    writeWeights(model, resumeFrom?.weights ?? createWeights(model.architecture, config.seed));
    await pause();
    stepper = createStepper(model, { ...config, examples: data.train });
    if (resumeFrom) stepper.restore(resumeFrom.optimizer);
    else yield await measure();

    let reason = findEnd() ?? findEarlyEnd();
    while (reason === undefined) {
      const scores = stepper.run(planSteps(stepper.stepsAtOnce()));
      for (const { loss } of scores) {
        step++;
        if (!Number.isFinite(loss)) throw diverged(`the loss is ${loss}`, position());
      }
      const score = scores.at(-1);
      yield { type: 'progress', step, loss: score?.loss ?? Number.NaN, elapsedMs: elapsedMs() };
      await pause();

      reason = findEnd();
      let isBest = false;
      if (step % config.evalEvery === 0 || (reason !== undefined && reason !== 'interrupted')) {
        const measured = await measure(score);
        if (measured.validation) best = keepBest(best, measured.validation, step);
        isBest = best?.step === step;
        reason ??= findEarlyEnd();
        yield measured;
      }
      const due = isBest ? 'best' : reason ? 'end' : findDue();
      if (due) {
        yield { type: 'checkpoint-due', step, reason: due, ...(best && { best }), captureState };
        savedMs = clock.nowMs();
      }
    }
    yield { type: 'ended', reason, step, elapsedMs: elapsedMs(), ...(best && { best }) };
  } finally {
    stepper?.dispose();
  }
}

/** Signals and timers get their turn. */
const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

function diverged(
  what: string,
  at: { readonly step: number; readonly stepsPerEpoch: number; readonly learningRate: number },
): TrainerError {
  const epoch = Math.ceil(at.step / at.stepsPerEpoch);
  return new TrainerError(
    'E_DIVERGED',
    `training diverged in epoch ${epoch}, step ${at.step}, at learning rate ${at.learningRate}: ${what}`,
    { hint: 'The last checkpoint before that is kept. Try a smaller --lr, such as a tenth of this one.' },
  );
}
