import type { BmpHeader } from './bmp-header.ts';
import { readBmpRows } from './bmp-rows.ts';
import { grayOf, type Samples } from './color.ts';
import type { PixelPlanes } from './gray.ts';
import { createRowReducer } from './row-reducer.ts';
import type { ImageSource } from './source.ts';

/**
 * Decodes a BMP of any depth, a row at a time: the memory taken is that of the result, whose longer side has at most
 * `maxSide` pixels. Reading past the end cannot happen, since `parseBmpHeader` has checked the sizes.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where run-length data are damaged or end early, or a pixel has no color.
 */
export function decodeBmp(source: ImageSource, header: BmpHeader, maxSide: number): PixelPlanes {
  const reducer = createRowReducer(header, maxSide);
  const gray = new Uint8Array(header.width);
  readBmpRows(source, header, (row, colors, alpha) => {
    for (let x = 0, at = 0; x < gray.length; x++, at += 3) {
      gray[x] = grayOf(colors[at] ?? 0, colors[at + 1] ?? 0, colors[at + 2] ?? 0);
    }
    reducer.addRow(row, gray, alpha);
  });
  return reducer.finish();
}

/**
 * Decodes a BMP of any depth in its own size: red, green, blue and opacity of each pixel.
 *
 * @throws TrainerError as `decodeBmp`.
 */
export function decodeColorBmp(source: ImageSource, header: BmpHeader): Samples {
  const { width, height } = header;
  const channels = 4;
  const data = new Uint8Array(width * height * channels).fill(255);
  let hasInk = false;
  readBmpRows(source, header, (row, colors, alpha) => {
    for (let x = 0, to = row * width * channels; x < width; x++, to += channels) {
      for (let color = 0; color < 3; color++) data[to + color] = Math.round(colors[3 * x + color] ?? 0);
      const opacity = alpha?.[x] ?? 255;
      if (opacity > 0) hasInk = true;
      data[to + 3] = opacity;
    }
  });
  // Where no pixel is opaque at all, the channel was left unused: many BMP writers fill it with zeros.
  if (!hasInk) for (let at = 3; at < data.length; at += channels) data[at] = 255;
  return { width, height, channels, data };
}
