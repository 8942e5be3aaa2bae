import fs from 'node:fs';
import nodePath from 'node:path';
import { loadTensorFlow } from '../../backend/tf.ts';
import { integer, path, toggle } from '../../config/options.ts';
import { dataKeys, dataOptions } from '../../config/train-options.ts';
import { escapeText, TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { createTestPairs } from '../../data/pairs.ts';
import { type Examples, imageAt, takeRange } from '../../data/split.ts';
import { evaluateModel } from '../../evaluate/evaluate.ts';
import { evaluateSums } from '../../evaluate/evaluate-sums.ts';
import type { Model } from '../../model/layers.ts';
import { countParameters } from '../../model/shapes.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { formatCommand, pickFlags } from '../command-line.ts';
import { loadModelExamples, noteDataOf } from '../model-data.ts';
import { openModel } from '../model-source.ts';
import { type ComparedRun, formatVerdicts, isChosenByTest, readRun } from './compared-runs.ts';
import {
  type ComparisonReport,
  createComparisonReport,
  formatComparisonReport,
  type MeasuredModel,
} from './comparison-report.ts';

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
type Folders = readonly [first: string, second: string];

/** `mnist-cnn compare`: measures two models on the same test images and tests whether one is better. */
export const compare = defineCommand({
  name: 'compare',
  summary: 'compare two models on the same test images and test whether one is better',
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
      ? [await readRun(folders[0], names[0]), await readRun(folders[1], names[1])]
      : [];
    const loaded = await loadModelExamples(folders[0], context);
    if (loaded === undefined) return;
    await noteDataOf(folders[1], loaded, context);
    const { sha256 } = loaded.test;
    const chosen = takeRange(loaded.test, 0, options.images ?? loaded.test.count);
    const isWhole = chosen.count === loaded.test.count;
    const [firstChosen, secondChosen] = [
      await isChosenByTest(folders[0], sha256, output),
      await isChosenByTest(folders[1], sha256, output),
    ];
    await loadTensorFlow();
    const models = [
      await openModel({ type: 'folder', folder: folders[0] }, output),
      await openModel({ type: 'folder', folder: folders[1] }, output),
    ] as const;
    // An adding machine reads pairs; a network that reads one digit reads each of the two, and its readings are added.
    const isSum = models.some(({ architecture }) => architecture.task === 'sum');
    const images = isSum ? createTestPairs(chosen) : chosen;
    output.note(
      `measuring ${folders.map(escapeText).join(' and ')} on ${formatCount(images.count)} test ${isSum ? 'pairs' : 'images'}`,
    );
    const [first, second] = [
      await measureModel(folders[0], models[0], { images, isSum, chosenByTest: firstChosen }),
      await measureModel(folders[1], models[1], { images, isSum, chosenByTest: secondChosen }),
    ];
    const report = createComparisonReport(first, second, images);
    if (!output.json) output.result(formatComparisonReport(report));
    if (!output.json && options.curves) output.result(`\n${formatVerdicts(runs)}`);
    const folder =
      options.outDir ?? nodePath.join(folders[1], '..', `compare-${names.map(toFileName).join('-')}`);
    const files = [
      ...(isWhole || options.outDir !== undefined
        ? await writeDifferences(folder, { report, images, names })
        : []),
      ...(options.curves ? await writeCurves(folder, runs) : []),
    ];
    if (output.json) {
      const curves = runs.map(({ folder: model, verdict }) => ({ model, verdict }));
      output.result({ dataset: loaded.dataset, ...report, ...(options.curves ? { curves } : {}), files });
    } else if (files.length > 0) output.note(`wrote ${files.map(escapeText).join(', ')}`);
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

function readFolders({ operands }: CompareContext): Folders {
  const [first, second, ...more] = operands;
  if (first === undefined || second === undefined || more.length > 0) {
    throw new TrainerError('E_USAGE', `compare needs two model folders, found ${operands.length}`, {
      command: 'mnist-cnn compare --help',
    });
  }
  for (const folder of [first, second]) {
    const file = nodePath.join(folder, 'model.json');
    if (fs.existsSync(file)) continue;
    throw new TrainerError(
      'E_NO_INPUT',
      `no model found in ${escapeText(folder)}: model.json does not exist`,
      {
        path: file,
        hint: 'Train one first:',
        command: formatCommand('train', { flags: { out: folder } }),
      },
    );
  }
  return [first, second];
}

/** The last part of each path; the whole path where that is the same for both. */
function nameFolders([first, second]: Folders): Folders {
  const names = [
    nodePath.basename(nodePath.resolve(first)),
    nodePath.basename(nodePath.resolve(second)),
  ] as const;
  return names[0] === names[1] ? [first, second] : names;
}

function toFileName(name: string): string {
  return nodePath.basename(nodePath.resolve(name));
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

async function writeDifferences(
  folder: string,
  found: { readonly report: ComparisonReport; readonly images: Examples; readonly names: Folders },
): Promise<readonly string[]> {
  const { report, images, names } = found;
  if (report.differences.length === 0) return [];
  const { writeComparison } = await import('../../report/comparison-files.ts');
  const differences = report.differences.map((difference) => ({
    ...difference,
    pixels: imageAt(images, difference.index),
  }));
  return writeComparison(folder, { names, differences });
}

async function writeCurves(folder: string, runs: readonly ComparedRun[]): Promise<readonly string[]> {
  const { writeRunCurves } = await import('../../report/comparison-files.ts');
  return writeRunCurves(
    folder,
    runs.map(({ curves }) => curves),
  );
}
