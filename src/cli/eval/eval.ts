import { startLoadingTensorFlow } from '../../backend/tf.ts';
import { decimal, integer, path, toggle } from '../../config/options.ts';
import { dataOptions } from '../../config/train-options.ts';
import { TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { createTestPairs } from '../../data/pairs.ts';
import { imageAt, takeRange } from '../../data/split.ts';
import { evaluateNetworks } from '../../evaluate/evaluate.ts';
import type { EvaluationPicture } from '../../report/evaluation-files.ts';
import type { SuitePicture } from '../../report/suite-curves.ts';
import { defineCommand } from '../command.ts';
import { loadModelExamples, noteDataOf } from '../model-data.ts';
import { averageOptions, checkModelSource, findModelSources, modelOptions } from '../model-source.ts';
import { chooseNextView, formatNext } from '../next-view.ts';
import { createEvaluationReport, formatEvaluationReport, toEvaluationPicture } from './evaluation-report.ts';
import { describeModels, formatModels, nameModels, openModels } from './measured-models.ts';
import { requireSuiteTask, runSuite } from './run-suite.ts';
import { formatSuiteReport, toSuitePicture } from './suite-report.ts';

const evalOptions = {
  ...modelOptions,
  ...averageOptions,
  images: integer({
    default: undefined,
    minimum: 1,
    maximum: 1_000_000,
    description: 'measure the first n test images only and write no files',
  }),
  every: integer({
    default: undefined,
    minimum: 1,
    maximum: 1_000_000,
    description: 'also print loss and accuracy for every n images',
  }),
  mask: toggle({ description: 'print predictions, true digits and the 0/1 error mask' }),
  suite: toggle({
    description: 'after the report, measure the accuracy on test images changed in eight ways',
  }),
  minAccuracy: decimal({
    default: undefined,
    minimum: 0,
    maximum: 1,
    description: 'exit with code 81 if the accuracy is lower',
  }),
  outDir: path({
    default: undefined,
    placeholder: '<folder>',
    description: 'folder for tables and pictures (default: the model folder)',
  }),
  ...dataOptions,
} as const;

/** `mnist-cnn eval`: measures a model on the test images, and shows where it errs. */
export const evaluate = defineCommand({
  name: 'eval',
  examples: [
    ['mnist-cnn eval --model models/net', 'loss, accuracy, results per class, confusion matrix, errors'],
    ['mnist-cnn eval --model models/a models/b models/c', 'the mean of three models, an ensemble'],
    ['mnist-cnn eval --test-shifts', 'the mean of each image and four shifts of it'],
    ['mnist-cnn eval --images 30 --mask', 'predictions next to the true digits'],
    ['mnist-cnn eval --arch cnn --weights FILE', 'a weights file needs the name of its network'],
    [
      'mnist-cnn eval --arch conv3x3 --untrained --images 1000 --every 100',
      'the baseline: an untrained network',
    ],
    ['mnist-cnn eval --suite', 'the report, then how well shifted, rotated, noisy, ... images are read'],
    ['mnist-cnn eval --min-accuracy 0.98', 'fail if the model is worse'],
  ],
  options: evalOptions,
  run: async (context) => {
    const { options, origins, output } = context;
    const sources = findModelSources(options, origins);
    sources.forEach(checkModelSource);
    const name = nameModels(sources);
    startLoadingTensorFlow();
    const [source] = sources;
    const loaded = await loadModelExamples(source.type === 'folder' ? source.folder : undefined, context);
    if (loaded === undefined) return;
    const { dataset, trainedOn } = loaded;
    for (const folder of options.model.slice(1)) await noteDataOf(folder, loaded, context);
    const { models, networks } = await openModels(sources, options.testShifts, output);
    const [{ model, metadata }] = models;
    const { architecture } = model;
    const isAveraged = networks.length > 1;
    if (options.suite) requireSuiteTask(model, name);
    const isSum = architecture.task === 'sum';
    const test = isSum ? createTestPairs(loaded.test) : loaded.test;
    const images = takeRange(test, 0, options.images ?? test.count);
    output.note(`measuring ${name} on ${formatCount(images.count)} test ${isSum ? 'pairs' : 'images'}`);
    const evaluation = await evaluateNetworks(networks, images);
    // Mean probabilities have had the models' own temperatures.
    const temperature = isAveraged ? undefined : metadata?.calibration?.temperature;
    const report = createEvaluationReport({ ...options, evaluation, examples: images, temperature });
    if (!output.json) {
      output.result(formatModels(models, options.testShifts));
      output.result(formatEvaluationReport(report));
    }
    const suite = options.suite
      ? await runSuite(networks, images, { output, correct: report.correct })
      : undefined;
    if (options.suite && suite === undefined) return;
    if (suite !== undefined && !output.json) output.result(`\n${formatSuiteReport(suite)}`);
    // The model's folder holds the tables of the model alone, of all of its own test images.
    const isOwn =
      !isAveraged && source.type === 'folder' && trainedOn === undefined && images.count === test.count;
    const folder = options.outDir ?? (isOwn ? source.folder : undefined);
    const picture = toEvaluationPicture(report, images);
    const suitePicture = suite && toSuitePicture(suite, { name, first: imageAt(images, 0) });
    const files = folder === undefined ? [] : await writeFiles(folder, picture, suitePicture);
    if (output.json) {
      const what = { ...describeModels(models, options.testShifts), dataset, trainedOn };
      output.result({ ...what, ...report, suite, files });
    } else if (files.length > 0) output.wrote(files);
    else if (trainedOn !== undefined || isAveraged)
      output.note('wrote no files; add --out-dir FOLDER to write them');
    checkBar(report.accuracy, options.minAccuracy, name);
    output.next(formatNext(context, 'inspect', chooseNextView(architecture, report.errors[0]?.index ?? 0)));
  },
});

async function writeFiles(
  folder: string,
  picture: EvaluationPicture,
  suite: SuitePicture | undefined,
): Promise<readonly string[]> {
  const { writeEvaluation } = await import('../../report/evaluation-files.ts');
  const files = await writeEvaluation(folder, picture);
  if (suite === undefined) return files;
  const { writeSuite } = await import('../../report/suite-curves.ts');
  return [...files, ...(await writeSuite(folder, suite))];
}

function checkBar(accuracy: number, minimum: number | undefined, name: string): void {
  if (minimum === undefined || accuracy >= minimum) return;
  throw new TrainerError(
    'E_BELOW_BAR',
    `the accuracy of ${name} is ${accuracy}, below --min-accuracy ${minimum}`,
    { expected: `at least ${minimum}`, actual: String(accuracy) },
  );
}
