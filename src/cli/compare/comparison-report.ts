import { escapeText } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { formatTable, numberColumns, wordColumns } from '../../core/table.ts';
import type { Examples } from '../../data/split.ts';
import { type Difference, findDifferences } from '../../evaluate/comparison.ts';
import type { Evaluation } from '../../evaluate/evaluate.ts';
import { formatAccuracy, wilsonInterval } from '../../evaluate/interval.ts';
import { countPairs, testMcNemar } from '../../evaluate/mcnemar.ts';

/** A model, and how it did. */
export interface MeasuredModel {
  readonly folder: string;
  readonly architecture: string;
  readonly parameters: number;
  /** Whether its weights were chosen by half of the images that it was measured on. */
  readonly chosenByTest: boolean;
  readonly evaluation: Evaluation;
}

/** All that `compare` found, in the shape of its JSON. */
export type ComparisonReport = ReturnType<typeof createComparisonReport>;

/** Builds the report on two models that were measured on the same examples. */
export function createComparisonReport(
  first: MeasuredModel,
  second: MeasuredModel,
  { labels, count }: Examples,
) {
  const counts = countPairs(labels, first.evaluation.predictions, second.evaluation.predictions);
  return {
    images: count,
    models: [summarize(first, count), summarize(second, count)] as const,
    counts,
    mcnemar: testMcNemar(counts.onlyFirst, counts.onlySecond),
    differences: findDifferences(labels, first.evaluation.predictions, second.evaluation.predictions),
  };
}

/** The report as text for the terminal. */
export function formatComparisonReport(report: ComparisonReport): string {
  return [formatModels(report), formatCounts(report), formatMcNemar(report), formatDifferences(report)].join(
    '\n\n',
  );
}

/** The most differing images that the terminal lists. */
const LISTED = 20;

function summarize(measured: MeasuredModel, count: number) {
  const { folder, architecture, parameters, chosenByTest, evaluation } = measured;
  const { loss, accuracy, correct } = evaluation;
  const interval = wilsonInterval(correct, count);
  return { model: folder, architecture, parameters, chosenByTest, loss, accuracy, correct, interval };
}

function formatModels({ models, images }: ComparisonReport): string {
  const lines = models.flatMap(({ model, architecture, parameters, loss, correct }, index) => [
    `${index === 0 ? 'A' : 'B'}  ${escapeText(model)}: network ${architecture}, ${formatCount(parameters)} parameters`,
    `   accuracy ${formatAccuracy(correct, images)}, ${formatCount(correct)} of ${formatCount(images)} right, loss ${loss.toFixed(4)}`,
  ]);
  return [...lines, ...formatChoice(models)].join('\n');
}

function formatChoice(models: ComparisonReport['models']): readonly string[] {
  const names = ['A', 'B'].filter((_, index) => models[index]?.chosenByTest);
  if (names.length === 0) return [];
  const [were, look] = names.length === 1 ? ['was', 'it looks'] : ['were', 'they look'];
  return [
    `${names.join(' and ')} ${were} chosen by half of these test images (--validation test-half), so ${look} better on them than on new ones.`,
  ];
}

function formatCounts({ counts }: ComparisonReport): string {
  const rows = [
    ['A right', counts.both, counts.onlyFirst],
    ['A wrong', counts.onlySecond, counts.neither],
  ];
  return formatTable(
    numberColumns(['', 'B right', 'B wrong']),
    rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatCount(cell) : cell))),
  );
}

function formatMcNemar({ counts, mcnemar }: ComparisonReport): string {
  const { discordant, pValue } = mcnemar;
  if (discordant === 0)
    return "McNemar's test: A and B are right on the same images, so there is no difference to test.";
  const split = `${formatCount(counts.onlyFirst)} to ${formatCount(counts.onlySecond)}`;
  const better = counts.onlyFirst > counts.onlySecond ? 'A' : 'B';
  const conclusion =
    pValue < 0.05
      ? `The difference is statistically significant: ${better} is better on images like these.`
      : 'The difference is not statistically significant: these images do not show which model is better.';
  return [
    `McNemar's test (exact binomial) on the ${formatCount(discordant)} images that only one of them reads correctly: p = ${formatPValue(pValue)}`,
    `If A and B were equally good, a split at least as uneven as ${split} would occur in ${formatShare(pValue)}.`,
    conclusion,
    'The test applies to these two models only: to compare two ways of training, train each with several seeds.',
  ].join('\n');
}

function formatPValue(pValue: number): string {
  return pValue < 1e-4 ? pValue.toExponential(1) : pValue.toPrecision(2);
}

function formatShare(pValue: number): string {
  if (pValue < 1e-4) return 'fewer than one in 10,000 such comparisons';
  const percent = 100 * pValue;
  return `${percent < 1 ? percent.toPrecision(2) : percent.toFixed(percent < 10 ? 1 : 0)} % of such comparisons`;
}

function formatDifferences({ differences }: ComparisonReport): string {
  if (differences.length === 0) return 'They read every image the same way.';
  const rows = differences
    .slice(0, LISTED)
    .map((difference) => [
      String(difference.index),
      String(difference.label),
      String(difference.first),
      String(difference.second),
      nameRight(difference),
    ]);
  const columns = [...numberColumns(['image', 'real', 'A', 'B']), ...wordColumns(['right'])];
  const more = differences.length - rows.length;
  return [
    `${formatCount(differences.length)} images that A and B read differently`,
    formatTable(columns, rows),
    ...(more > 0 ? [`... and ${formatCount(more)} more`] : []),
  ].join('\n');
}

function nameRight({ right }: Difference): string {
  return right === 'neither' ? 'neither' : right === 'onlyFirst' ? 'A' : 'B';
}
