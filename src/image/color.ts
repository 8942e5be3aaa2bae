/** Decoded samples, 0 to 255, pixel by pixel, top row first: red, green, blue and, where there are four, opacity. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  /** 3 or 4; 1 or 2 where a decoder gives gray, without or with opacity. */
  readonly channels: number;
  readonly data: Uint8Array;
}

/** An opaque picture, `[height, width, channels]` bytes, top row first: gray, or red, green and blue. */
export interface ColorImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Lays a picture with transparency on white paper, as a page shows it. One without any color becomes gray. */
export function layOnWhite({ width, height, channels, data }: Samples): ColorImage {
  const colors = channels < 3 ? 1 : 3;
  const image = { width, height, channels: colors, pixels: data } as const;
  return dropColor(channels === colors ? image : { ...image, pixels: flatten(data, colors) });
}

/** The luma of a picture's colors, one byte a pixel. */
export function toGray({ channels, pixels }: ColorImage): Uint8Array {
  if (channels === 1) return pixels;
  const gray = new Uint8Array(pixels.length / 3);
  for (let at = 0, from = 0; at < gray.length; at++, from += 3) {
    gray[at] = grayOf(pixels[from] ?? 0, pixels[from + 1] ?? 0, pixels[from + 2] ?? 0);
  }
  return gray;
}

/** Luma of ITU-R BT.601, 0 to 255, in whole numbers. */
export function grayOf(red: number, green: number, blue: number): number {
  return (red * 19_595 + green * 38_470 + blue * 7471 + 0x8000) >> 16;
}

/** Samples of `colors` and opacity -> samples of `colors` on white. */
function flatten(data: Uint8Array, colors: 1 | 3): Uint8Array {
  const pixels = new Uint8Array((data.length / (colors + 1)) * colors);
  for (let from = 0, to = 0; to < pixels.length; from += colors + 1) {
    const opacity = (data[from + colors] ?? 255) / 255;
    for (let color = 0; color < colors; color++, to++) {
      pixels[to] = Math.round((data[from + color] ?? 0) * opacity + 255 * (1 - opacity));
    }
  }
  return pixels;
}

/** Decoders give gray files in three equal colors, too. */
function dropColor(image: ColorImage): ColorImage {
  const { channels, pixels } = image;
  if (channels === 1) return image;
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return image;
  }
  return { ...image, channels: 1, pixels: pixels.filter((_, at) => at % 3 === 0) };
}
