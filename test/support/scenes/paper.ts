import sharp from 'sharp';
import type { Random } from '../../../src/core/random.ts';
import { type Color, type Layer, paintPaper, tint } from '../photo.ts';
import { between } from './canvas.ts';

/** A sheet as a camera or a scanner sees it. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly paper: Color;
  readonly layers: readonly Layer[];
}

/** White or tinted paper. */
export function paperColor(numbers: Random): Color {
  return tint(between(numbers, 185, 240), numbers);
}

/** Black, gray or blue: pencils and pens; at least 80 gray levels darker than any paper. */
export function penColor(numbers: Random): Color {
  const dark = between(numbers, 15, 80);
  return numbers.uniform() < 0.6 ? tint(dark, numbers) : [dark, dark + between(numbers, 0, 30), dark + 75];
}

/** Ink with `share` of the contrast that pen has on paper, for pale print. */
export function mix(paper: Color, pen: Color, share: number): Color {
  const level = (channel: 0 | 1 | 2) => paper[channel] + (pen[channel] - paper[channel]) * share;
  return [level(0), level(1), level(2)];
}

/** The sheet in uneven light with noise, as a PNG or a JPEG. */
export async function photograph(sheet: Sheet, numbers: Random): Promise<Uint8Array> {
  const { width, height } = sheet;
  const rgb = paintPaper({ width, height }, { ...sheet, maxNoise: 8 }, numbers);
  const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (numbers.uniform() < 0.5) return picture.png({ compressionLevel: 1 }).toBuffer();
  return picture.jpeg({ quality: 60 + numbers.integer(36) }).toBuffer();
}
