import { formatPercent } from '../../src/core/percent.ts';
import { wilsonInterval } from '../../src/evaluate/interval.ts';
import { isRight, type Outcome } from './reading.ts';

/** A line of the table: a share with what is asked of it. */
export interface Line {
  readonly what: string;
  readonly right: number;
  readonly of: number;
  /** The shares that are asked for and hoped for. */
  readonly least?: number;
  readonly aim?: number;
  readonly note?: string;
}

/** The head of the table. */
export const tableHead = `${'what'.padEnd(56)} ${'right'.padStart(12)}  ${'share (95 % interval)'.padEnd(24)}    least     aim`;

/** A line of text, with a verdict where something is asked. */
export function formatLine({ what, right, of, least, aim, note }: Line): string {
  if (of === 0) return `${what.padEnd(56)} ${'none'.padStart(12)}`;
  const { low, high } = wilsonInterval(right, of);
  const share = `${formatPercent(right / of, 1)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
  const start = `${what.padEnd(56)} ${`${right} of ${of}`.padStart(12)}  ${share.padEnd(24)}`;
  if (least === undefined) return `${start} ${note ?? ''}`.trimEnd();
  const asked = [least, aim].map((wanted) =>
    (wanted === undefined ? '' : formatPercent(wanted, 1)).padStart(8),
  );
  const verdict = right / of < least ? 'BELOW' : aim !== undefined && right / of < aim ? 'met' : 'aim met';
  return `${start} ${asked.join('')}  ${verdict}`;
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
  return { what, right: outcomes.filter(count).length, of: outcomes.length, ...asked };
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
