import { escapeText } from '../../core/errors.ts';
import { formatPercent } from '../../core/percent.ts';
import type { RankedDigit, Reading } from '../../predict/predict.ts';
import { formatCsv } from '../../report/csv.ts';
import { formatImage } from '../../report/half-block.ts';

/** How readings are written. */
export interface ReadingFormat {
  readonly type: 'text' | 'json' | 'csv';
  /** How many digits are named. */
  readonly topK: number;
  /** Where the best digit is less probable, none is claimed. */
  readonly minScore: number;
  readonly color: boolean;
}

type Answer = Exclude<Reading, { readonly type: 'failed' }>;

/** The contents of a picture's line of JSON. */
interface ReadingSummary {
  readonly file: string;
  /** `null` where none is claimed. */
  readonly digit: number | null;
  readonly score: number | null;
  readonly blank: boolean;
  /** Whether the best digit is less probable than `--min-score`. */
  readonly unsure: boolean;
  readonly ranking: readonly RankedDigit[];
}

/** The first line of CSV, without its line feed. */
export function formatCsvHeader(topK: number): string {
  const more = Array.from({ length: topK - 1 }, (_, index) => [`digit${index + 2}`, `score${index + 2}`]);
  return formatCsv(['file', 'digit', 'score', 'blank', ...more.flat()], []).trimEnd();
}

/** What a picture turned out to be: a line of text, JSON or CSV; with stages, text draws them above it. */
export function formatReading(reading: Answer, format: ReadingFormat): string {
  const summary = summarizeReading(reading, format);
  if (format.type === 'json') return JSON.stringify(summary);
  if (format.type === 'csv') return formatCsvLine(summary, format.topK);
  const line = `${escapeText(summary.file)}: ${formatAnswer(summary)}`;
  const stages = (reading.stages ?? []).map(
    ({ title, image }) =>
      `${title}:\n${formatImage(image.pixels, { width: image.width, height: image.height, color: format.color })}`,
  );
  return [...stages, line].join('\n\n');
}

function summarizeReading(reading: Answer, format: ReadingFormat): ReadingSummary {
  const file = reading.name;
  if (reading.type === 'blank') {
    return { file, digit: null, score: null, blank: true, unsure: false, ranking: [] };
  }
  const ranking = reading.ranking
    .slice(0, format.topK)
    .map(({ digit, score }) => ({ digit, score: Number(score.toFixed(6)) }));
  const [best] = ranking;
  const unsure = (reading.ranking[0]?.score ?? 0) < format.minScore;
  return {
    file,
    digit: unsure ? null : (best?.digit ?? null),
    score: best?.score ?? null,
    blank: false,
    unsure,
    ranking,
  };
}

function formatCsvLine(summary: ReadingSummary, topK: number): string {
  const cells = [summary.digit ?? undefined, summary.score ?? undefined, summary.blank ? 1 : 0];
  const more = Array.from({ length: topK - 1 }, (_, index) => {
    const ranked = summary.ranking[index + 1];
    return [ranked?.digit, ranked?.score];
  });
  return formatCsv(
    [escapeText(summary.file), ...[...cells, ...more.flat()].map((cell) => String(cell ?? ''))],
    [],
  ).trimEnd();
}

function formatAnswer(summary: ReadingSummary): string {
  if (summary.blank) return 'no ink found';
  const digits = summary.ranking.map(({ digit, score }) => `${digit} (${formatPercent(score, 1)})`);
  return `${summary.unsure ? 'unsure, ' : ''}${digits.join(', ')}`;
}
