import fs from 'node:fs';
import nodePath from 'node:path';
import { integer, path, toggle } from '../../config/options.ts';
import { dataKeys, dataOptions } from '../../config/train-options.ts';
import { escapeText } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { createTestPairs } from '../../data/pairs.ts';
import { type Examples, imageAt, takeRange } from '../../data/split.ts';
import { evaluateModel } from '../../evaluate/evaluate.ts';
import { evaluateSums } from '../../evaluate/evaluate-sums.ts';
import type { Model } from '../../model/model.ts';
import { countParameters } from '../../model/shapes.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { formatCommand, pickFlags, usageError } from '../command-line.ts';
import { loadModelExamples, noteDataOf } from '../model-data.ts';
import { openModel, requireFile } from '../model-source.ts';
import { formatVerdicts, isChosenByTest, readRun } from './compared-runs.ts';
import { createComparisonReport, formatComparisonReport, type MeasuredModel } from './comparison-report.ts';

const compareOptions = {
  curves: toggle({
    description: 'also draw the error curves of both runs in one picture and judge whether they overfit',
  }),
  images: integer({
    default: undefined,
    minimum: 1,
    maximum: 1_000_000,
    description: 'compare on the first n test images only, without pictures of digits',
  }),
  outDir: path({
    default: undefined,
    placeholder: '<folder>',
    description: 'folder for tables and pictures (default: compare-A-B next to the second model folder)',
  }),
  ...dataOptions,
} as const;

type CompareContext = CommandContext<typeof compareOptions>;
type Pair<Item> = readonly [first: Item, second: Item];

/** `mnist-cnn compare`: measures two models on the same test images and tests whether one is better. */
export const compare = defineCommand({
  name: 'compare',
  operands: '[model-a model-b...]',
  examples: [
    [
      'mnist-cnn compare models/net-1 models/net',
      "accuracies, McNemar's test and the images they disagree on",
    ],
    ['mnist-cnn compare models/a models/b --curves', 'also both error curves and a verdict on overfitting'],
    ['mnist-cnn compare models/a models/b --images 2000', 'on the first 2,000 test images'],
    ['mnist-cnn compare models/adder models/net', 'an adding machine against the sum of two readings'],
    [
      'mnist-cnn train --arch convnet --epochs 10 --dropout 0 --out models/a',
      'a model to compare with the same at --dropout 0.5',
    ],
  ],
  options: compareOptions,
  run: async (context) => {
    const { options, output } = context;
    const folders = readFolders(context);
    const names = nameFolders(folders);
    const runs = options.curves
      ? await doInTurn(folders, (folder, index) => readRun(folder, names[index]))
      : [];
    const loaded = await loadModelExamples(folders[0], context);
    if (loaded === undefined) return;
    await noteDataOf(folders[1], loaded, context);
    const chosen = takeRange(loaded.test, 0, options.images ?? loaded.test.count);
    const isWhole = chosen.count === loaded.test.count;
    const chosenByTest = await doInTurn(folders, (folder) =>
      isChosenByTest(folder, loaded.test.sha256, output),
    );
    const models = await doInTurn(folders, (folder) => openModel({ type: 'folder', folder }, output));
    // An adding machine reads pairs; a network that reads one digit reads each of the two, and its readings are added.
    const isSum = models.some(({ architecture }) => architecture.task === 'sum');
    const images = isSum ? createTestPairs(chosen) : chosen;
    output.note(
      `measuring ${folders.map(escapeText).join(' and ')} on ${formatCount(images.count)} test ${isSum ? 'pairs' : 'images'}`,
    );
    const [first, second] = await doInTurn(models, (model, index) =>
      measureModel(folders[index], model, { images, isSum, chosenByTest: chosenByTest[index] }),
    );
    const report = createComparisonReport(first, second, images);
    if (!output.json) output.result(formatComparisonReport(report));
    if (!output.json && options.curves) output.result(`\n${formatVerdicts(runs)}`);
    const stems = folders.map((each) => nodePath.basename(nodePath.resolve(each)));
    const folder = options.outDir ?? nodePath.join(folders[1], '..', `compare-${stems.join('-')}`);
    // With it comes what draws, which --help need not wait for.
    const { writeComparison, writeRunCurves } = await import('../../report/comparison-files.ts');
    const hasPictures = report.differences.length > 0 && (isWhole || options.outDir !== undefined);
    const differences = report.differences.map((each) => ({ ...each, pixels: imageAt(images, each.index) }));
    const curves = runs.map((run) => run.curves);
    const files = [
      ...(hasPictures ? await writeComparison(folder, { names, differences }) : []),
      ...(options.curves ? await writeRunCurves(folder, curves) : []),
    ];
    if (output.json) {
      const verdicts = runs.map(({ folder: model, verdict }) => ({ model, verdict }));
      const judged = options.curves ? { curves: verdicts } : {};
      output.result({ dataset: loaded.dataset, ...report, ...judged, files });
    } else output.wrote(files);
    const same = pickFlags(context.flags, dataKeys);
    const hasCurves = folders.every((each) => fs.existsSync(nodePath.join(each, 'log.jsonl')));
    output.next(
      options.curves || !hasCurves
        ? formatCommand('eval', { flags: { model: folders[1], ...same } })
        : formatCommand('compare', {
            operands: folders,
            flags: { ...context.flags, mirror: undefined, curves: true },
          }),
    );
  },
});

/** Does the same with the first of a pair, and then with the second. */
async function doInTurn<Item, Result>(
  [first, second]: Pair<Item>,
  action: (item: Item, index: 0 | 1) => Promise<Result>,
): Promise<Pair<Result>> {
  return [await action(first, 0), await action(second, 1)];
}

function readFolders({ operands }: CompareContext): Pair<string> {
  const [first, second, ...more] = operands;
  if (first === undefined || second === undefined || more.length > 0) {
    throw usageError('compare', `compare needs two model folders, found ${operands.length}`);
  }
  for (const folder of [first, second]) {
    const message = `no model found in ${escapeText(folder)}: model.json does not exist`;
    requireFile(nodePath.join(folder, 'model.json'), message, {
      hint: 'Train one first:',
      command: formatCommand('train', { flags: { out: folder } }),
    });
  }
  return [first, second];
}

/** The last part of each path; the whole path where that is the same for both. */
function nameFolders([first, second]: Pair<string>): Pair<string> {
  const names = [
    nodePath.basename(nodePath.resolve(first)),
    nodePath.basename(nodePath.resolve(second)),
  ] as const;
  return names[0] === names[1] ? [first, second] : names;
}

async function measureModel(
  folder: string,
  model: Model,
  how: { readonly images: Examples; readonly isSum: boolean; readonly chosenByTest: boolean },
): Promise<MeasuredModel> {
  const { architecture } = model;
  const { images, isSum, chosenByTest } = how;
  const isAdded = isSum && architecture.task !== 'sum';
  return {
    folder,
    architecture: isAdded ? `${architecture.name}, two readings added` : architecture.name,
    parameters: countParameters(architecture),
    chosenByTest,
    evaluation: isAdded ? await evaluateSums(model, images) : await evaluateModel(model, images),
  };
}
