import type { Random } from '../core/random.ts';
import { interpolate } from '../data/interpolation.ts';

/** How far a warp may go. Pixels are those of 28 x 28. */
export interface WarpLimits {
  /** Largest shift in pixels, along each axis. */
  readonly shift: number;
  /** Largest rotation in radians. */
  readonly rotation: number;
  /** Largest change of size, as a share, and of either side alone half as much. */
  readonly scale: number;
  readonly shear: number;
  /** Standard deviation in pixels of each node of the elastic grid. */
  readonly elastic: number;
}

const side = 28;
const middle = 14;
/** Nodes of the elastic grid along each axis. */
const nodes = 6;

/**
 * Moves the pixels of an image [28, 28] by a random shift, rotation, scale, shear and elastic displacement (Simard,
 * Steinkraus and Platt, 2003, with a coarse grid for their smoothed noise); values between pixels are bilinear.
 */
export function warpImage(image: Uint8Array, limits: WarpLimits, numbers: Random): Uint8Array {
  const within = (limit: number) => limit * (2 * numbers.uniform() - 1);
  const angle = within(limits.rotation);
  const size = 1 + within(limits.scale);
  const aspect = 1 + within(limits.scale / 2);
  const shear = within(limits.shear);
  const [shiftX, shiftY] = [within(limits.shift), within(limits.shift)];
  const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size];
  const field = limits.elastic > 0 ? createField(limits.elastic, numbers) : undefined;
  const rowX = new Float64Array(nodes);
  const rowY = new Float64Array(nodes);
  const warped = new Uint8Array(side * side);
  for (let row = 0; row < side; row++) {
    if (field) blendRow(field, row, rowX, rowY);
    const y = row + 0.5 - middle - shiftY;
    for (let column = 0; column < side; column++) {
      const x = column + 0.5 - middle - shiftX;
      // From the place in the new image back to the place in the given one.
      let fromX = (cos * x + sin * y) * aspect + shear * y + middle - 0.5;
      let fromY = (-sin * x + cos * y) / aspect + middle - 0.5;
      if (field) {
        fromX += blend(rowX, column);
        fromY += blend(rowY, column);
      }
      warped[row * side + column] = interpolate(image, fromX, fromY);
    }
  }
  return warped;
}

interface Field {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function createField(deviation: number, numbers: Random): Field {
  const x = new Float64Array(nodes * nodes);
  const y = new Float64Array(nodes * nodes);
  for (let node = 0; node < x.length; node++) {
    x[node] = deviation * numbers.normal();
    y[node] = deviation * numbers.normal();
  }
  return { x, y };
}

/** For each of the 28 pixels along an axis: its weights of the nodes, from the Catmull-Rom spline through them. */
const nodeWeights: readonly Float64Array[] = Array.from({ length: side }, (_, pixel) => {
  const weights = new Float64Array(nodes);
  const position = ((pixel + 0.5) / side) * (nodes - 1);
  const first = Math.floor(position);
  const t = position - first;
  const spline = [
    (-t + 2 * t * t - t * t * t) / 2,
    (2 - 5 * t * t + 3 * t * t * t) / 2,
    (t + 4 * t * t - 3 * t * t * t) / 2,
    (-t * t + t * t * t) / 2,
  ];
  spline.forEach((weight, at) => {
    const node = Math.min(nodes - 1, Math.max(0, first - 1 + at));
    weights[node] = (weights[node] ?? 0) + weight;
  });
  return weights;
});

/** The displacements of a row at each column of nodes. */
function blendRow(field: Field, row: number, rowX: Float64Array, rowY: Float64Array): void {
  const weights = nodeWeights[row] as Float64Array;
  for (let column = 0; column < nodes; column++) {
    let [x, y] = [0, 0];
    for (let node = 0; node < nodes; node++) {
      const weight = weights[node] as number;
      x += weight * (field.x[node * nodes + column] as number);
      y += weight * (field.y[node * nodes + column] as number);
    }
    rowX[column] = x;
    rowY[column] = y;
  }
}

function blend(values: Float64Array, column: number): number {
  const weights = nodeWeights[column] as Float64Array;
  let sum = 0;
  for (let node = 0; node < nodes; node++) sum += (weights[node] as number) * (values[node] as number);
  return sum;
}
