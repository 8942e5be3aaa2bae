import { doubtOf, noDigit } from './doubt.ts';
import { heightOf, type InkBox } from './ink-box.ts';
import type { Judgment } from './judge-images.ts';
import type { Candidate, Candidates, Row } from './page.ts';
import type { RankedDigit } from './rank-digits.ts';

/** A digit that was found, and what a network reads in it. */
export interface DigitReading {
  /** In pixels of the picture. */
  readonly box: InkBox;
  /** Counted from 0 at the top. */
  readonly row: number;
  /** All ten, the most probable first. */
  readonly ranking: readonly RankedDigit[];
  /** Why it is not sure; `undefined` where it is. */
  readonly doubt: string | undefined;
  /** [28, 28], as the network saw it. */
  readonly framed: Uint8Array;
}

/** How a picture is read best. */
export interface Choice {
  /** The place of the chosen one among the layouts. */
  readonly layout: number;
  /** In reading order. */
  readonly digits: readonly DigitReading[];
}

/** Lines are kept, and digits left whole, where the network is at least this sure of all digits. */
const sure = 0.9;

/**
 * Strokes that touch are mostly one digit, so parts of a cut must be sure, and each of them counts less. None is a 1, which
 * half of a letter resembles.
 */
const surePart = 0.95;
const partWeight = 0.75;

/**
 * Chooses how a picture is read, by the judgments of its candidates: in each row the candidates side by side whose
 * scores have the greatest product, and of all layouts the one whose digits are surest.
 */
export function chooseDigits(candidates: Candidates, judgments: readonly Judgment[]): Choice {
  let best: Chosen | undefined;
  let start = 0;
  for (const [layout, { rows }] of candidates.layouts.entries()) {
    const digits = rows.flatMap((row, at) => {
      const own = judgments.slice(start, start + row.candidates.length);
      start += own.length;
      return chooseInRow(row, own).map((digit) => ({ ...digit, row: at }));
    });
    const scores = digits.map(({ score }) => score);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const isSure = best === undefined && Math.min(...scores) >= sure;
    if (best === undefined || mean > best.mean) best = { layout, digits, mean: isSure ? 1 : mean };
  }
  if (best === undefined) return { layout: 0, digits: [] };
  const digits = best.digits.map((digit) => ({
    box: toPicture(digit.box, candidates),
    row: digit.row,
    ranking: digit.ranking,
    doubt: doubtOf(digit),
    framed: digit.framed,
  }));
  return { layout: best.layout, digits: dropStray(digits) };
}

interface Scored extends Candidate, Judgment {
  readonly score: number;
}

interface Chosen {
  readonly layout: number;
  readonly digits: readonly (Scored & { readonly row: number })[];
  readonly mean: number;
}

/** The best way to read all pieces up to each, by dynamic programming. */
function chooseInRow(row: Row, judgments: readonly Judgment[]): readonly Scored[] {
  const scored = row.candidates.flatMap((candidate, at) => {
    const judgment = judgments[at];
    return judgment === undefined
      ? []
      : [{ ...candidate, ...judgment, score: judgment.ranking[0]?.score ?? 0 }];
  });
  const paths: Path[] = [{ score: 1, digits: [] }];
  for (let to = 1; to <= row.pieces; to++) {
    let best: Path = { score: -1, digits: [] };
    for (const candidate of scored) {
      const before = candidate.to === to ? paths[candidate.from] : undefined;
      if (before === undefined) continue;
      const score = before.score * weightOf(candidate);
      if (score > best.score) best = { score, digits: [...before.digits, candidate] };
    }
    paths.push(best);
  }
  return paths.at(-1)?.digits ?? [];
}

function weightOf({ isCut, score, ranking }: Scored): number {
  if (!isCut) return score;
  return score < surePart || ranking[0]?.digit === 1 ? 0 : score * partWeight;
}

interface Path {
  readonly score: number;
  readonly digits: readonly Scored[];
}

/** From pixels of the page's image to those of the picture. */
function toPicture(box: InkBox, { left, top, scale }: Candidates): InkBox {
  return {
    left: Math.floor((box.left + left) * scale),
    top: Math.floor((box.top + top) * scale),
    right: Math.ceil((box.right + left) * scale),
    bottom: Math.ceil((box.bottom + top) * scale),
  };
}

/**
 * Beside digits, what looks like none and has another size, or a row of its own, is no part of what was written. Where
 * nothing looks like a digit, one reading says so.
 */
function dropStray(digits: readonly DigitReading[]): readonly DigitReading[] {
  const real = digits.filter(({ doubt }) => doubt !== noDigit);
  if (real.length === 0) {
    const [first, ...others] = [...digits].sort((one, other) => sizeOf(other) - sizeOf(one));
    return first === undefined || others.length === 0 ? digits : [first];
  }
  const heights = real.map(({ box }) => heightOf(box)).sort((one, other) => one - other);
  const usual = heights[Math.floor(heights.length / 2)] ?? 0;
  const kept = digits.filter(({ doubt, box, row }) => {
    if (doubt !== noDigit) return true;
    const ratio = heightOf(box) / usual;
    return ratio > 0.6 && ratio < 1.7 && real.some((other) => other.row === row);
  });
  // Rows that are gone leave no gap in the count.
  const rows = [...new Set(kept.map(({ row }) => row))];
  return kept.map((digit) => ({ ...digit, row: rows.indexOf(digit.row) }));
}

function sizeOf({ box }: DigitReading): number {
  return (box.right - box.left) * (box.bottom - box.top);
}
