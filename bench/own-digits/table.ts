import { formatPercent } from '../../src/core/percent.ts';
import { wilsonInterval } from '../../src/evaluate/interval.ts';
import { isRight, type Outcome } from './reading.ts';

/** A line of the table: a share with what is asked of it. */
export interface Line {
  readonly type: 'share';
  readonly what: string;
  readonly right: number;
  readonly of: number;
  /** The shares that are asked for and hoped for. */
  readonly least?: number;
  readonly aim?: number;
  readonly note?: string;
}

/** A line of the table: an error, which should be small. */
export interface ErrorLine {
  readonly type: 'error';
  readonly what: string;
  readonly error: number;
  readonly most: number;
  readonly aim: number;
}

/** The head of the table. */
export const tableHead = `${'what'.padEnd(56)} ${'right'.padStart(12)}  ${'share (95 % interval)'.padEnd(24)}    least     aim`;

/** A line of text, with a verdict where something is asked. */
export function formatLine(line: Line | ErrorLine): string {
  if (line.type === 'error') {
    const { what, error, most, aim } = line;
    const verdict = error > most ? 'BELOW' : error > aim ? 'met' : 'aim met';
    return `${formatStart(what, '', formatPercent(error))} ${formatAsked(most)}${formatAsked(aim)}  ${verdict}`;
  }
  const { what, right, of, least, aim, note = '' } = line;
  if (of === 0) return formatStart(what, 'none', '').trimEnd();
  const { low, high } = wilsonInterval(right, of);
  const share = `${formatPercent(right / of, 1)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
  const start = formatStart(what, `${right} of ${of}`, share);
  if (least === undefined) return `${start} ${note}`.trimEnd();
  const verdict = right / of < least ? 'BELOW' : aim !== undefined && right / of < aim ? 'met' : 'aim met';
  return `${start} ${formatAsked(least)}${formatAsked(aim)}  ${verdict}`;
}

function formatStart(what: string, count: string, share: string): string {
  return `${what.padEnd(56)} ${count.padStart(12)}  ${share.padEnd(24)}`;
}

function formatAsked(share: number | undefined): string {
  return (share === undefined ? '' : formatPercent(share, 1)).padStart(8);
}

/** The line of outcomes that are right, or whatever else `count` counts. */
export function lineOf(
  what: string,
  outcomes: readonly Outcome[],
  {
    count = isRight,
    ...asked
  }: Pick<Line, 'least' | 'aim'> & { readonly count?: (outcome: Outcome) => boolean } = {},
): Line {
  return { type: 'share', what, right: outcomes.filter(count).length, of: outcomes.length, ...asked };
}

/** A line for each source or kind of the outcomes, in order of appearance, indented. */
export function linesBySource(outcomes: readonly Outcome[]): readonly Line[] {
  const sources = new Set(outcomes.map(({ scene }) => scene.source));
  return Array.from(sources, (source) =>
    lineOf(
      `  ${source}`,
      outcomes.filter(({ scene }) => scene.source === source),
    ),
  );
}
