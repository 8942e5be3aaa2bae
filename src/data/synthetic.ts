import { type Random, random, shuffle } from '../core/random.ts';
import { type DigitVariant, digitVariants, type StrokePath } from './digit-strokes.ts';
import { frameInk, type Pen, renderPen } from './pen.ts';

/** Images `[count, 28, 28]` of 0 (black) to 255 (ink) with their digits. */
export interface SyntheticDigits {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/**
 * Draws digits that look written by hand, in MNIST's framing: strokes with random slant, width, rotation, shift, bend,
 * aspect and pressure. The labels are balanced and shuffled; the same seed and count give the same bytes everywhere.
 */
export function createSyntheticDigits(options: {
  readonly seed: number;
  readonly count: number;
}): SyntheticDigits {
  const { seed, count } = options;
  const order = shuffle(
    Uint32Array.from({ length: count }, (_, index) => index),
    random(seed, 'synthetic-order', count),
  );
  const images = new Uint8Array(count * 784);
  const labels = new Uint8Array(count);
  order.forEach((drawn, index) => {
    const digit = drawn % 10;
    labels[index] = digit;
    images.set(drawSyntheticDigit(digit, random(seed, 'synthetic-digit', drawn)), index * 784);
  });
  return { images, labels, count };
}

/** Draws one digit by the numbers of `numbers`: 784 bytes in MNIST's framing. */
export function drawSyntheticDigit(digit: number, numbers: Random): Uint8Array {
  const image = drawVariant(digitVariants[digit] ?? [], numbers);
  if (image === undefined) throw new RangeError(`digit ${digit} is not one of 0 to 9`);
  return image;
}

/** Draws one of a digit's variants, each as often as it weighs; `undefined` where there is none. */
export function drawVariant(variants: readonly DigitVariant[], numbers: Random): Uint8Array | undefined {
  const variant = pickVariant(variants, numbers);
  return variant && drawByHand(variant.strokes, numbers);
}

/** Draws strokes as a writer would, by the numbers of `numbers`: 784 bytes in MNIST's framing. */
export function drawByHand(paths: readonly StrokePath[], numbers: Random): Uint8Array {
  const hand = createHand(numbers);
  const strokes = paths.map((path) => traceSpline(jitterPath(path, hand.jitter, numbers), numbers));
  return frameInk(
    renderPen(
      strokes.map((stroke) => hand.move(stroke)),
      hand.pen,
    ),
  );
}

/** What a writer does to all the strokes of one digit. */
interface Hand {
  /** Standard deviation of each control point, on the grid of 100. */
  readonly jitter: number;
  readonly pen: Pen;
  readonly move: (points: Float64Array) => Float64Array;
}

function createHand(numbers: Random): Hand {
  const slant = 0.16 + 0.2 * numbers.normal();
  const angle = 0.08 * numbers.normal();
  const aspect = Math.exp(0.2 * numbers.normal() - 0.1);
  const bend = 3.5 * numbers.normal();
  const bendPhase = 2 * Math.PI * numbers.uniform();
  const squeeze = 0.12 * numbers.normal();
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return {
    jitter: 2 + 1.5 * numbers.uniform(),
    pen: {
      radius: Math.min(2.3, Math.max(0.75, 1.3 + 0.35 * numbers.normal())),
      pressure: 0.25 * numbers.uniform(),
      phase: 2 * Math.PI * numbers.uniform(),
    },
    move: (points) => {
      const moved = new Float64Array(points.length);
      for (let at = 0; at < points.length; at += 2) {
        const gridX = (points[at] ?? 0) - 50;
        const gridY = (points[at + 1] ?? 0) - 50;
        // Upper and lower half of different size, a smooth bend, then slant, aspect and rotation.
        const wide = gridX * (1 + (squeeze * gridY) / 50) * aspect;
        const bent = wide + bend * Math.sin((gridY * Math.PI) / 60 + bendPhase);
        const y = gridY * (1 + (squeeze * gridY) / 150);
        const x = bent - slant * y;
        moved[at] = x * cos - y * sin;
        moved[at + 1] = x * sin + y * cos;
      }
      return moved;
    },
  };
}

function pickVariant(variants: readonly DigitVariant[], numbers: Random): DigitVariant | undefined {
  let left = numbers.uniform() * variants.reduce((sum, variant) => sum + variant.weight, 0);
  return variants.find((variant) => {
    left -= variant.weight;
    return left < 0;
  });
}

function jitterPath(path: StrokePath, deviation: number, numbers: Random): Float64Array {
  const points = new Float64Array(path.length);
  for (let at = 0; at < path.length; at += 2) {
    const isCorner = at >= 2 && path[at] === path[at - 2] && path[at + 1] === path[at - 1];
    points[at] = isCorner ? (points[at - 2] ?? 0) : (path[at] ?? 0) + deviation * numbers.normal();
    points[at + 1] = isCorner ? (points[at - 1] ?? 0) : (path[at + 1] ?? 0) + deviation * numbers.normal();
  }
  return points;
}

/** Points along the Catmull-Rom spline through the control points; up to 6 % of its ends are left out. */
function traceSpline(control: Float64Array, numbers: Random): Float64Array {
  const stepsPerSpan = 5;
  const spans = control.length / 2 - 1;
  const first = 0.06 * numbers.uniform() * spans;
  const last = spans - 0.06 * numbers.uniform() * spans;
  const steps = spans * stepsPerSpan;
  const traced = new Float64Array((steps + 1) * 2);
  for (let step = 0; step <= steps; step++) {
    const position = first + ((last - first) * step) / steps;
    const span = Math.min(spans - 1, Math.floor(position));
    traced[step * 2] = splineAt(control, span * 2, position - span);
    traced[step * 2 + 1] = splineAt(control, span * 2 + 1, position - span);
  }
  return traced;
}

function splineAt(control: Float64Array, at: number, t: number): number {
  const here = control[at] ?? 0;
  const next = control[at + 2] ?? here;
  const before = control[at - 2] ?? here;
  const after = control[at + 4] ?? next;
  // Catmull and Rom (1974), tension one half.
  return (
    0.5 *
    (2 * here +
      (next - before) * t +
      (2 * before - 5 * here + 4 * next - after) * t * t +
      (3 * here - before - 3 * next + after) * t * t * t)
  );
}
