import sharp from 'sharp';
import { random } from '../../../src/core/random.ts';
import { between, createCanvas, lay } from './canvas.ts';
import { photographInk } from './strip.ts';

/** Letters that no digit looks like: without B b D G g I i j l O o Q q S s Z z. */
export const letters = 'ACEFHJKLMNPRTUVWXYacdefhkmnprtuvwxy'.split('');

/** Faces of Debian's package fonts-dejavu, in the words of SVG. */
export const faces = [
  'font-family="DejaVu Sans"',
  'font-family="DejaVu Sans" font-weight="bold"',
  'font-family="DejaVu Sans" font-style="oblique"',
  'font-family="DejaVu Sans" font-weight="200"',
  'font-family="DejaVu Sans" font-stretch="condensed"',
  'font-family="DejaVu Sans Mono"',
  'font-family="DejaVu Sans Mono" font-weight="bold"',
  'font-family="DejaVu Sans Mono" font-style="oblique"',
  'font-family="DejaVu Serif"',
  'font-family="DejaVu Serif" font-weight="bold"',
  'font-family="DejaVu Serif" font-style="italic"',
  'font-family="DejaVu Serif" font-stretch="condensed" font-weight="bold"',
];

/** A letter in one of the `faces`: black on white, or every second time as a photo of paper. */
export async function makeLetter(letter: string, face: string, seed: number): Promise<Uint8Array> {
  const position = faces.indexOf(face) * 128 + (letter.codePointAt(0) ?? 0);
  const numbers = random(seed, 'letter', position);
  const size = between(numbers, 40, 130);
  const side = Math.ceil(size * between(numbers, 1.3, 2));
  const text = `<text x="50%" y="68%" text-anchor="middle" font-size="${size}" ${face}>${letter}</text>`;
  return drawSvg({ text, side, isPhoto: (faces.indexOf(face) + position) % 2 === 0 }, numbers);
}

/** What an SVG says, in black on white or as a photo of paper. */
export async function drawSvg(
  drawing: { readonly text: string; readonly side: number; readonly isPhoto: boolean },
  numbers: ReturnType<typeof random>,
): Promise<Uint8Array> {
  const { text, side } = drawing;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${text}</svg>`;
  const picture = sharp(Buffer.from(svg));
  if (!drawing.isPhoto) return picture.flatten({ background: 'white' }).png().toBuffer();
  const cover = await picture.extractChannel('alpha').raw().toBuffer();
  const canvas = createCanvas(side, side);
  lay(canvas, { width: side, height: side, pixels: Float32Array.from(cover) }, { x: 0, y: 0 });
  return photographInk(canvas, numbers);
}
