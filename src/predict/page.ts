import { cropImage, type GrayImage, halveImage, mapToBytes } from '../image/gray.ts';
import { cutPieces } from './cut-pieces.ts';
import { traceLines } from './erase-lines.ts';
import { type EvenedImage, evenLight } from './even-light.ts';
import { findLines, type Line, type Mask } from './find-lines.ts';
import { findSheet } from './find-sheet.ts';
import { findStrokes, noiseFloor, type PageLines, type Strokes } from './find-strokes.ts';
import { frameInk } from './frame-ink.ts';
import { boxAround, heightOf, type InkBox, longerSideOf, widthOf } from './ink-box.ts';
import { keepFramed } from './keep-framed.ts';
import { layOut, type Piece } from './lay-out.ts';

/** Neighboring pieces of a row that may be one digit. */
export interface Candidate {
  /** The first of them, and the first after them. */
  readonly from: number;
  readonly to: number;
  /** Whether it is a part of ink that was cut. */
  readonly isCut: boolean;
  /** In pixels of the page's image. */
  readonly box: InkBox;
  /** [28, 28], framed as MNIST's digits. */
  readonly framed: Uint8Array;
}

/** A row of pieces from left to right, and what may be digits of it. */
export interface Row {
  readonly pieces: number;
  readonly candidates: readonly Candidate[];
}

/** What may be digits of a picture, for a network to choose from. */
export interface Candidates {
  /** Ways to take the ink, the likeliest first: with its lines, as one digit, without lines; none where there is no ink. */
  readonly layouts: readonly { readonly rows: readonly Row[] }[];
  /** A place of the page's image, times `scale` after adding these, is one of the picture. */
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

/** What a picture shows, before a network is asked. */
export interface Page extends Candidates {
  /** The picture, or the part of it that was looked at, perhaps at a smaller size. */
  readonly image: GrayImage;
  readonly evened: EvenedImage;
  readonly layouts: readonly Layout[];
}

interface Layout {
  readonly evened: EvenedImage;
  readonly strokes: Strokes;
  readonly rows: readonly Row[];
}

/** The candidates alone, without the images that they were found in. */
export function takeCandidates({ layouts, left, top, scale }: Page): Candidates {
  return { layouts: layouts.map(({ rows }) => ({ rows })), left, top, scale };
}

/** The images of all candidates, [28, 28] each, in order. */
export function framedOf({ layouts }: Candidates): readonly Uint8Array[] {
  return layouts.flatMap(({ rows }) =>
    rows.flatMap(({ candidates }) => candidates.map(({ framed }) => framed)),
  );
}

/** Rows of digits smaller than this are looked at in a larger copy of the picture. */
const clearSide = 44;

/**
 * Looks for digits in a picture: takes paper and light out, tells lines and frames from ink, sorts the ink into rows and
 * pieces, and frames all that may be digits. With `isSingle`, all ink is one digit.
 */
export function lookAt(picture: GrayImage & { readonly scale?: number }, isSingle = false): Page {
  const page = lookFrom(picture, isSingle);
  return { ...page, scale: page.scale * (picture.scale ?? 1) };
}

/** Looks at the smallest copy of a picture in which its digits are large enough. */
function lookFrom(picture: GrayImage, isSingle: boolean): Page {
  const halved = halveImage(picture);
  if (halved === picture) return lookOnSheet(picture, isSingle);
  const page = lookFrom(halved, isSingle);
  const sizes = page.layouts.flatMap(({ rows }) =>
    rows.map((row) => Math.max(...boxesOf(row).map(longerSideOf))),
  );
  // What is too small, or too faint to be seen in a smaller copy, needs all its pixels.
  if (sizes.length === 0 || Math.min(...sizes) < clearSide) return lookOnSheet(picture, isSingle);
  return { ...page, scale: page.scale * 2 };
}

/** Looks on the sheet alone where the picture shows the table around it, too. */
function lookOnSheet(image: GrayImage, isSingle: boolean): Page {
  const page = look(image, isSingle);
  const [layout] = page.layouts;
  const sheet = layout && findSheet(layout.strokes);
  if (sheet === undefined) return page;
  const onSheet = look(cropImage(image, sheet), isSingle);
  const [inner] = onSheet.layouts;
  // What touches the sheet's border is the table's rest, or the digit's own stroke around what looked like a sheet.
  if (inner === undefined || inner.rows.flatMap(boxesOf).some((box) => touchesBorder(box, onSheet.image)))
    return page;
  return { ...onSheet, left: sheet.left, top: sheet.top };
}

function boxesOf({ candidates }: Row): readonly InkBox[] {
  return candidates.map(({ box }) => box);
}

function touchesBorder(box: InkBox, { width, height }: GrayImage): boolean {
  return box.left === 0 || box.top === 0 || box.right === width || box.bottom === height;
}

function look(image: GrayImage, isSingle: boolean): Page {
  const [evened, ...others] = evenLight(image);
  const layouts = [evened, ...others].flatMap((each) => layOutInk(image, each, isSingle));
  return { image, evened, scale: 1, left: 0, top: 0, layouts };
}

function layOutInk(image: GrayImage, evened: EvenedImage, isSingle: boolean): readonly Layout[] {
  const strokes = findStrokes(evened);
  if (strokes === undefined) return [];
  const framed = keepFramed(image);
  if (framed !== undefined) {
    const only = { from: 0, to: 1, isCut: false, box: boxAround(strokes.components), framed };
    return [{ evened, strokes, rows: [{ pieces: 1, candidates: [only] }] }];
  }
  const { lines, mask } = findPageLines(evened);
  const without = lines.length === 0 ? undefined : findStrokes(evened, measureLines(mask, lines));
  // The sides of a frame are no rules.
  const kept = strokes.frames.length === 0 && isRuled(lines, image) ? [] : [strokes];
  return [...kept, ...(without === undefined ? [] : [without])]
    .flatMap((way) => arrange(way, isSingle))
    .map((layout) => ({ evened, ...layout }));
}

/** Lines over at least half of the picture, and the mask of all that stands out from the noise. */
function findPageLines(evened: EvenedImage): { readonly lines: readonly Line[]; readonly mask: Mask } {
  const { width, height } = evened;
  const floor = noiseFloor(evened);
  const mask = { width, height, mask: mapToBytes(evened.ink, (value) => (value >= floor ? 1 : 0)) };
  return { lines: findLines(mask, 0.5), mask };
}

function measureLines(mask: Mask, lines: readonly Line[]): PageLines {
  const pixels = traceLines(mask, lines);
  const area = pixels.reduce((sum, value, at) => sum + (value & (mask.mask[at] ?? 0)), 0);
  return { pixels, width: area / lines.reduce((sum, { start, end }) => sum + end - start, 0) };
}

/** Whether paper is ruled or squared: three lines run through; no digit is made of three. */
function isRuled(lines: readonly Line[], { width, height }: GrayImage): boolean {
  const through = lines.filter(
    ({ isUpright, start, end }) => end - start >= 0.8 * (isUpright ? height : width),
  );
  return through.length >= 3;
}

/** In rows; and as one digit where pieces, perhaps of broken strokes, may be one, or are said to be. */
function arrange(found: Strokes, isSingle: boolean): readonly Omit<Layout, 'evened'>[] {
  const laidOut = layOut(found);
  const all = laidOut.flat();
  if (all.length === 0) return [];
  if (isSingle) return [asOne(found, all)];
  const { strokes, rows } = cutPieces(found, laidOut);
  const inRows = {
    strokes,
    rows: rows.map((pieces) => ({ pieces: pieces.length, candidates: findCandidates(strokes, pieces) })),
  };
  const box = boxAround(all.map((piece) => piece.box));
  const mayBeOne = all.length > 1 && all.length <= 20 && widthOf(box) <= 1.3 * heightOf(box);
  return mayBeOne ? [inRows, asOne(found, all)] : [inRows];
}

function asOne(strokes: Strokes, pieces: readonly Piece[]): Omit<Layout, 'evened'> {
  const only = { ...join(strokes, pieces), from: 0, to: 1, isCut: false };
  return { strokes, rows: [{ pieces: 1, candidates: [only] }] };
}

/** More pieces are no one digit; those that were one before a cut count once. */
const mostJoined = 4;

function findCandidates(strokes: Strokes, pieces: readonly Piece[]): readonly Candidate[] {
  const candidates: Candidate[] = [];
  pieces.forEach((_, from) => {
    for (let to = from + 1; to <= pieces.length; to++) {
      const joined = pieces.slice(from, to);
      const count = joined.filter((piece, at) => at === 0 || !isCutBetween(joined[at - 1], piece)).length;
      if (count > 1 && (count > mostJoined || !canJoin(joined))) break;
      candidates.push({ ...join(strokes, joined), from, to, isCut: isPart(pieces, from, to) });
    }
  });
  return candidates;
}

/** Whether a cut lies at either end of some pieces. */
function isPart(pieces: readonly Piece[], from: number, to: number): boolean {
  return isCutBetween(pieces[from - 1], pieces[from]) || isCutBetween(pieces[to - 1], pieces[to]);
}

/** Whether two neighbors were one before a cut. */
function isCutBetween(piece: Piece | undefined, next: Piece | undefined): boolean {
  return next?.whole !== undefined && next.whole === piece?.whole;
}

function canJoin(pieces: readonly Piece[]): boolean {
  const box = boxAround(pieces.map((piece) => piece.box));
  if (widthOf(box) > 1.7 * heightOf(box)) return false;
  return pieces.every((piece, at) => {
    const next = pieces[at + 1];
    return next === undefined || next.box.left - piece.box.right <= 0.3 * heightOf(box);
  });
}

function join(strokes: Strokes, pieces: readonly Piece[]): Pick<Candidate, 'box' | 'framed'> {
  return { box: boxAround(pieces.map((piece) => piece.box)), framed: frameInk(strokes, pieces) };
}
