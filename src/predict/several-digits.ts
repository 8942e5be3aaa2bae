import type { Candidates } from './page.ts';

/**
 * Whether a picture surely shows several digits, before a network is asked: whichever way its ink is taken, it lies in
 * several rows, or in pieces too far apart for the strokes of one digit.
 */
export function showsSeveralDigits({ layouts }: Candidates): boolean {
  return (
    layouts.length > 0 &&
    layouts.every(({ rows }) =>
      rows.every(
        ({ pieces, candidates }) => rows.length > 1 || candidates.every(({ from, to }) => to - from < pieces),
      ),
    )
  );
}
