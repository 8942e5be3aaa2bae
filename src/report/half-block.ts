/** How a picture is drawn as text. */
export interface ImageTextOptions {
  readonly width: number;
  readonly height: number;
  /** Whether escapes for 24 grays may be used; without, characters of different density stand for them. */
  readonly color: boolean;
  /** Wider pictures are reduced to this many columns; 56 by default. */
  readonly columns?: number;
}

/** Draws gray pixels, 0 black to 255 white, as text: one character for two pixels, one above the other. */
export function formatImage(pixels: Uint8Array, options: ImageTextOptions): string {
  const { color, columns = 56 } = options;
  const image = reduceToWidth({ pixels, width: options.width, height: options.height }, columns);
  const lines: string[] = [];
  for (let y = 0; y < image.height; y += 2) {
    let line = '';
    for (let x = 0; x < image.width; x++) {
      const upper = image.pixels[y * image.width + x] ?? 0;
      const lower = y + 1 < image.height ? (image.pixels[(y + 1) * image.width + x] ?? 0) : 0;
      line += color ? formatHalves(upper, lower) : formatDensity((upper + lower) / 2);
    }
    lines.push(color ? `${line}\u001b[0m` : line.trimEnd());
  }
  return lines.join('\n');
}

interface Pixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function reduceToWidth(image: Pixels, columns: number): Pixels {
  const factor = Math.ceil(image.width / columns);
  if (factor <= 1) return image;
  const width = Math.ceil(image.width / factor);
  const height = Math.ceil(image.height / factor);
  const sums = new Float64Array(width * height);
  const counts = new Uint32Array(width * height);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const at = Math.floor(y / factor) * width + Math.floor(x / factor);
      sums[at] = (sums[at] ?? 0) + (image.pixels[y * image.width + x] ?? 0);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const pixels = Uint8Array.from(sums, (sum, at) => Math.round(sum / (counts[at] ?? 1)));
  return { pixels, width, height };
}

/** The upper half in the foreground's gray, the lower in the background's: the ramp 232 to 255 of 256 colors. */
function formatHalves(upper: number, lower: number): string {
  return `\u001b[38;5;${rampColor(upper)};48;5;${rampColor(lower)}m▀`;
}

function rampColor(gray: number): number {
  return 232 + Math.round((gray * 23) / 255);
}

const densities = ' .:-=+*#%@';

function formatDensity(gray: number): string {
  return densities.charAt(Math.round((gray * (densities.length - 1)) / 255));
}
