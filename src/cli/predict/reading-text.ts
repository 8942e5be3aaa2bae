import { escapeText } from '../../core/errors.ts';
import { formatScore } from '../../core/percent.ts';
import type { DigitReading } from '../../predict/choose-digits.ts';
import type { Reading } from '../../predict/predict.ts';
import type { RankedDigit } from '../../predict/rank-digits.ts';
import { formatCsvRow } from '../../report/csv.ts';
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

/** What is said of one digit of a picture. */
interface DigitSummary {
  /** `null` where none is claimed. */
  readonly digit: number | null;
  readonly score: number | null;
  readonly unsure: boolean;
  /** Why it is unsure. */
  readonly reason: string | null;
  readonly ranking: readonly RankedDigit[];
  readonly row: number;
  /** In pixels of the picture. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** The contents of a picture's line of JSON: of its only digit, of all as text, and each by itself. */
interface ReadingSummary extends Omit<DigitSummary, 'row' | 'box'> {
  readonly file: string;
  readonly blank: boolean;
  /** All digits, `?` for one that is not claimed, ` / ` between rows. */
  readonly text: string;
  readonly digits: readonly DigitSummary[];
}

/** The first line of CSV, without its line feed. */
export function formatCsvHeader(topK: number): string {
  const more = Array.from({ length: topK - 1 }, (_, index) => [`digit${index + 2}`, `score${index + 2}`]);
  return formatCsvRow(['file', 'digit', 'score', 'blank', ...more.flat(), 'reason']);
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

const nothing = { digit: null, score: null, unsure: false, reason: null, ranking: [] };

function summarizeReading(reading: Answer, format: ReadingFormat): ReadingSummary {
  const file = reading.name;
  if (reading.type === 'blank') return { file, ...nothing, blank: true, text: '', digits: [] };
  const digits = reading.digits.map((digit) => summarizeDigit(digit, format));
  const [only, ...others] = digits;
  const unsure = digits.find((digit) => digit.unsure);
  const { row: _row, box: _box, ...single } = only ?? { ...nothing, row: 0, box: undefined };
  const whole =
    others.length === 0
      ? single
      : { ...nothing, unsure: unsure !== undefined, reason: unsure?.reason ?? null };
  return { file, ...whole, blank: false, text: formatDigits(digits), digits };
}

function summarizeDigit(reading: DigitReading, { topK, minScore }: ReadingFormat): DigitSummary {
  const ranking = reading.ranking
    .slice(0, topK)
    .map(({ digit, score }) => ({ digit, score: Number(score.toFixed(6)) }));
  const [best] = ranking;
  const isLow = (reading.ranking[0]?.score ?? 0) < minScore;
  const reason = reading.doubt ?? (isLow ? `the score is below ${minScore}` : null);
  const { left, top, right, bottom } = reading.box;
  return {
    digit: reason === null ? (best?.digit ?? null) : null,
    score: best?.score ?? null,
    unsure: reason !== null,
    reason,
    ranking,
    row: reading.row,
    box: { left, top, width: right - left, height: bottom - top },
  };
}

function formatDigits(digits: readonly DigitSummary[]): string {
  return digits
    .map(({ digit, row }, at) => {
      const isNewRow = at > 0 && digits[at - 1]?.row !== row;
      return `${isNewRow ? ' / ' : ''}${digit ?? '?'}`;
    })
    .join('');
}

function formatCsvLine(summary: ReadingSummary, topK: number): string {
  const { file, blank, ranking, digits, text, reason } = summary;
  const more = Array.from({ length: topK - 1 }, (_, index) => {
    const ranked = ranking[index + 1];
    return [ranked?.digit, ranked?.score];
  });
  const score = Math.min(...digits.map((digit) => digit.score ?? 0));
  const digit = digits.length > 1 ? text : (summary.digit ?? undefined);
  const best = [digit, digits.length === 0 ? undefined : score, blank ? 1 : 0];
  return formatCsvRow([escapeText(file), ...best, ...more.flat(), reason ?? undefined]);
}

function formatAnswer({ blank, digits, text, ranking, reason }: ReadingSummary): string {
  if (blank) return 'no ink found';
  if (digits.length <= 1) {
    const ranked = ranking.map(({ digit, score }) => `${digit} (${formatScore(score)})`);
    return `${reason === null ? '' : `unsure (${reason}), `}${ranked.join(', ')}`;
  }
  const unsure = digits.filter((digit) => digit.unsure);
  if (unsure.length === 0) return text;
  const reasons = unsure.map(({ reason: why, box }) => `? at ${box.left}, ${box.top}: ${why}`);
  return `${text} (unsure: ${reasons.join('; ')})`;
}
