import { mapToBytes } from '../image/gray.ts';
import { type Component, labelComponents } from './components.ts';
import type { EvenedImage } from './even-light.ts';

/** A rectangle of pixels; `right` and `bottom` are the first column and row beyond it. */
export interface InkBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Where the ink of one digit is. */
export interface FoundInk {
  /** 1 for ink, 0 for paper. */
  readonly mask: Uint8Array;
  readonly box: InkBox;
  /** Whether strokes run into the picture's border. */
  readonly touchesBorder: boolean;
  /** Gray levels that full ink has above the paper. */
  readonly level: number;
}

/** Share of full ink from which a pixel counts as ink. */
const inkShare = 0.4;

/**
 * Finds the ink of the digit: what stands out from the noise, in components large enough to be strokes, together with
 * their near neighbors. Returns `undefined` where a picture is blank.
 */
export function findInk(image: EvenedImage): FoundInk | undefined {
  const { width, height, ink, noise } = image;
  const floor = Math.max(10, 4 * noise);
  const level = measureLevel(ink, floor);
  if (level < Math.max(14, 4.2 * noise)) return undefined;
  const threshold = Math.max(floor, inkShare * level);
  const mask = new Uint8Array(ink.length);
  for (let at = 0; at < mask.length; at++) mask[at] = (ink[at] ?? 0) >= threshold ? 1 : 0;
  const { labels, components } = labelComponents({ width, height, mask });
  const strokes = groupStrokes(components, image);
  if (strokes.length === 0) return undefined;
  const kept = new Set(strokes.map(({ label }) => label));
  return {
    mask: mapToBytes(mask, (value, at) => (value === 1 && kept.has(labels[at] ?? 0) ? 1 : 0)),
    box: boxAround(strokes),
    touchesBorder: strokes.some(({ touchesBorder }) => touchesBorder),
    level,
  };
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

/** The digit's components: the largest first, then all that are near and no specks. */
function groupStrokes(components: readonly Component[], image: EvenedImage): readonly Component[] {
  const longerSide = Math.max(image.width, image.height);
  const leastArea = Math.max(4, 0.0002 * image.width * image.height);
  const candidates = components
    .filter((component) => component.area >= leastArea)
    .sort((one, other) => scoreOf(other, image) - scoreOf(one, image));
  const [main] = candidates;
  if (main === undefined || longerSideOf(main) < 0.025 * longerSide) return [];
  const group = [main];
  const speck = 0.02 * main.area;
  for (let isGrowing = true; isGrowing; ) {
    const box = boxAround(group);
    const reach = 0.25 * longerSideOf(box);
    const near = components.filter(
      (component) =>
        !group.includes(component) &&
        component.area >= speck &&
        !(component.touchesBorder && !main.touchesBorder) &&
        gapBetween(component, box) <= reach,
    );
    group.push(...near);
    isGrowing = near.length > 0;
  }
  return group;
}

/** What runs into the border is rather the table or a shadow than the digit, unless it is all there is. */
function scoreOf(component: Component, image: EvenedImage): number {
  const isFrame = component.touchesBorder && Math.min(image.width, image.height) > 40;
  return component.area * (isFrame ? 0.1 : 1);
}

function boxAround(boxes: readonly InkBox[]): InkBox {
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}

function longerSideOf(box: InkBox): number {
  return Math.max(box.right - box.left, box.bottom - box.top);
}

function gapBetween(one: InkBox, other: InkBox): number {
  const across = Math.max(one.left - other.right, other.left - one.right, 0);
  const down = Math.max(one.top - other.bottom, other.top - one.bottom, 0);
  return Math.max(across, down);
}
