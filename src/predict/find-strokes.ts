import { mapToBytes } from '../image/gray.ts';
import { type Component, labelComponents } from './components.ts';
import type { EvenedImage } from './even-light.ts';
import { isFrame } from './frames.ts';
import { growMask } from './grow-mask.ts';
import type { InkBox } from './ink-box.ts';
import { findRules, isThinRule } from './rules.ts';

/** Where the ink of a picture is, in components. */
export interface Strokes {
  readonly width: number;
  readonly height: number;
  /** The component of each pixel; 0 for paper, lines and frames. */
  readonly labels: Uint32Array;
  readonly components: readonly Component[];
  /** Frames around ink, as of a form; they are no ink themselves. */
  readonly frames: readonly InkBox[];
  /** Gray levels above the paper, without lines and frames. */
  readonly ink: Float32Array;
  /** Standard deviation of the paper's noise, in gray levels. */
  readonly noise: number;
  /** Gray levels that full ink has above the paper. */
  readonly level: number;
}

/** The lines of a page. */
export interface PageLines {
  /** 1 for each of their pixels. */
  readonly pixels: Uint8Array;
  /** How wide they are, in pixels. */
  readonly width: number;
}

/** Share of full ink from which a pixel counts as ink. */
const inkShare = 0.4;

/** The least gray levels above the paper that stand out from the noise. */
export function noiseFloor({ noise }: EvenedImage): number {
  return Math.max(10, 4 * noise);
}

/**
 * Finds the ink: what stands out from the noise, and is no line and no frame. These are darker than many a
 * pencil, so the level of full ink is measured anew without them. Returns `undefined` where a picture is blank.
 */
export function findStrokes(image: EvenedImage, lines?: PageLines): Strokes | undefined {
  const { width, height } = image;
  const ink =
    lines === undefined
      ? image.ink.slice()
      : image.ink.map((value, at) => (lines.pixels[at] === 1 ? 0 : value));
  const frames: InkBox[] = [];
  for (;;) {
    const level = measureLevel(ink, noiseFloor(image));
    if (level < Math.max(14, 4.2 * image.noise)) return undefined;
    const threshold = Math.max(noiseFloor(image), inkShare * level);
    const mask = mapToBytes(ink, (value) => (value >= threshold ? 1 : 0));
    const { labels, components } = labelComponents({ width, height, mask });
    const found = components.filter((component) => isFrame(component, { width, labels }));
    const printed = found.length > 0 ? found : findRules(components, { width, labels });
    if (printed.length === 0) {
      const left =
        lines === undefined ? components : dropRemains(components, { width, height, labels, lines });
      if (left.length === 0) return undefined;
      return { width, height, labels, components: left, frames, ink, noise: image.noise, level };
    }
    frames.push(...found);
    for (const component of printed) eraseComponent(ink, { width, height, labels }, component);
  }
}

/** Components without those that are remains of lines: mostly along them, or straight and hardly wider than they are. */
function dropRemains(
  components: readonly Component[],
  image: Pick<Strokes, 'width' | 'height' | 'labels'> & { readonly lines: PageLines },
): readonly Component[] {
  const near = growMask({ ...image, mask: image.lines.pixels }, 2);
  const counts = new Uint32Array(components.length + 1);
  image.labels.forEach((label, at) => {
    if (near[at] === 1) counts[label] = (counts[label] ?? 0) + 1;
  });
  return components.filter(
    (component) =>
      (counts[component.label] ?? 0) < 0.6 * component.area &&
      !isThinRule(component, image, 1.6 * image.lines.width),
  );
}

/** Takes a frame or a rule off, with its soft edges. */
function eraseComponent(
  ink: Float32Array,
  { width, height, labels }: Pick<Strokes, 'width' | 'height' | 'labels'>,
  printed: Component,
): void {
  for (let y = printed.top; y < printed.bottom; y++) {
    for (let x = printed.left; x < printed.right; x++) {
      if (labels[y * width + x] !== printed.label) continue;
      for (let row = Math.max(0, y - 2); row <= Math.min(height - 1, y + 2); row++) {
        for (let column = Math.max(0, x - 2); column <= Math.min(width - 1, x + 2); column++) {
          const label = labels[row * width + column];
          if (label === 0 || label === printed.label) ink[row * width + column] = 0;
        }
      }
    }
  }
}

/**
 * The level of full ink: of what stands out, Otsu's method (1979) parts the darker from the fainter, strokes from their
 * soft edges or from a paper's printed lines; the median of the darker counts.
 */
function measureLevel(ink: Float32Array, floor: number): number {
  const counts = new Float64Array(512);
  let standing = 0;
  // By index: iterating over a typed array takes several times as long.
  for (let at = 0; at < ink.length; at++) {
    const value = ink[at] ?? 0;
    if (value <= floor) continue;
    const level = Math.min(511, Math.round(value));
    counts[level] = (counts[level] ?? 0) + 1;
    standing += 1;
  }
  const parting = partLevels(counts, standing);
  const darker = counts.subarray(parting).reduce((sum, count) => sum + count, 0);
  let above = 0;
  for (let level = 511; level > 0; level--) {
    above += counts[level] ?? 0;
    if (above > darker / 2) return level;
  }
  return 0;
}

/** The level that parts a histogram best; single dark pixels, under 5 %, are not a class of their own. */
function partLevels(counts: Float64Array, total: number): number {
  const sum = counts.reduce((partial, count, level) => partial + count * level, 0);
  let [count, below, best, parting] = [0, 0, -1, 0];
  for (let level = 0; level < counts.length && count < 0.95 * total; level++) {
    const rest = total - count;
    if (count > 0) {
      const variance = count * rest * (below / count - (sum - below) / rest) ** 2;
      if (variance > best) [best, parting] = [variance, level];
    }
    count += counts[level] ?? 0;
    below += level * (counts[level] ?? 0);
  }
  return parting;
}
