import { calibrate } from '../../evaluate/calibrate.ts';
import type { Calibration } from '../../model/metadata.ts';
import { saveModel } from '../../model/saved-model.ts';
import { writeWeights } from '../../model/weights.ts';
import { saveWeights } from '../../model/weights-file.ts';
import { writeCurves } from '../../report/curve-files.ts';
import { explainLostFolder } from '../../run/lost-folder.ts';
import type { Run } from '../../run/run-directory.ts';
import type { CheckpointDue, Ended } from '../../train/events.ts';
import { countSteps } from '../../train/timeline.ts';
import { resumeCommand } from './ended-run.ts';
import { describeModel } from './model-metadata.ts';
import type { OpenedRun, Training } from './open-run.ts';
import { describeData, describeVersions } from './run-description.ts';
import { reportEnd } from './training-report.ts';

/**
 * Saves a checkpoint, and the model if its weights are the best so far.
 *
 * @throws TrainerError `E_IO` if the folder was removed or moved, after saving the state in a new folder if possible.
 */
export async function saveCheckpoint(
  training: Training,
  run: Run,
  { captureState, reason, best, step }: CheckpointDue,
): Promise<void> {
  const state = captureState();
  try {
    if (!run.isLost()) {
      run.save(state, reason);
      if (best === undefined || best.step === step) await saveCurrent(training, run, step);
    }
  } catch (error) {
    if (!run.isLost()) throw error;
  }
  if (run.isLost()) throw run.rescue(state);
}

/** Saves the model with the best weights, reports the result and draws the curves; if interrupted, prints the command to resume. */
export async function finishTraining(
  training: Training,
  { run, resumeFrom }: OpenedRun,
  ended: Ended,
): Promise<void> {
  const { options, plan, stepsPerEpoch, data, model, output } = training;
  const { folder } = run;
  if (run.isLost()) throw explainLostFolder(folder, ended.step);
  if (ended.reason === 'interrupted') {
    const totalSteps = countSteps(plan.config, stepsPerEpoch);
    const { step } = ended;
    const done =
      step === 0
        ? `stopped before the first of ${totalSteps} steps`
        : `saved at step ${step} of ${totalSteps}`;
    return output.advise(`${done}; resume with`, resumeCommand(options.out));
  }
  const keptStep = ended.best?.step ?? ended.step;
  if (keptStep !== ended.step) writeWeights(model, run.stateAt(keptStep).weights);
  const isSum = plan.architecture.task === 'sum';
  await saveCurrent(training, run, keptStep, isSum ? undefined : await calibrate(model, data));
  if (options.saveWeights !== undefined) saveWeights(model, options.saveWeights);
  const points = run.points();
  const isNew = ended.step !== resumeFrom?.step;
  const end = { ended, keptStep, folder, model, test: data.test, options, points, isNew };
  await reportEnd({ ...end, totalSteps: plan.config.epochs * stepsPerEpoch }, output);
  await writeCurves(folder, { architecture: plan.architecture.name, points, keptStep });
}

/** Saves the model, whose weights are those of `step`. */
async function saveCurrent(
  training: Training,
  run: Run,
  step: number,
  calibration?: Calibration,
): Promise<void> {
  const { model, plan, options, stepsPerEpoch, version } = training;
  const metadata = describeModel({
    architecture: plan.architecture,
    options,
    step,
    stepsPerEpoch,
    points: run.points(),
    data: training.data,
    source: describeData(training.examples),
    calibration,
    versions: describeVersions(version),
  });
  await saveModel(model, run.folder, metadata);
}
