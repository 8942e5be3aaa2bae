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
