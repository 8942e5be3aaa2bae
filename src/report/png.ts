import { writeFiles } from '../core/files.ts';

/** One picture in the two forms it is stored in. */
export interface Picture {
  /** An SVG document, complete in itself. */
  readonly svg: string;
  /** The same drawn at two pixels a unit. */
  readonly png: Buffer;
}

/** The fonts of every picture: the first is the one that `doctor` looks for, the others stand in for it. */
export const fontFamily = 'DejaVu Sans, Verdana, Bitstream Vera Sans, sans-serif';

/** Writes a picture as NAME.svg and NAME.png into a folder made for it. @returns the paths. @throws TrainerError as `writeFiles`. */
export function writePicture(folder: string, name: string, { svg, png }: Picture): readonly string[] {
  return writeFiles(folder, { [`${name}.svg`]: svg, [`${name}.png`]: png });
}

/** An SVG document of this size out of its elements. */
export function formatSvg(width: number, height: number, elements: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`, ...elements, '</svg>'].join('\n');
}

/** Draws an SVG document of at most 16 megapixels at two pixels a unit, so that text stays sharp. */
export async function renderPng(svg: string): Promise<Buffer> {
  // Loaded when first needed: the command line answers without it.
  const { default: sharp } = await import('sharp');
  const picture = sharp(Buffer.from(svg), { density: 2 * SVG_DENSITY });
  return picture.flatten({ background: 'white' }).png({ compressionLevel: 9 }).toBuffer();
}

/** Pixels to save: `[height, width, channels]` bytes, top row first; gray, or red, green and blue. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Encodes pixels as a PNG without loss. */
export async function encodePixels({ width, height, channels, pixels }: Pixels): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  const picture = sharp(pixels, { raw: { width, height, channels } });
  return picture
    .toColorspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
}

/** Escapes text for the content or an attribute of XML; characters that XML 1.0 forbids become U+FFFD. */
export function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
  return text
    .replace(forbidden, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The density, in pixels per inch, at which a unit of an SVG is one pixel. */
const SVG_DENSITY = 72;
