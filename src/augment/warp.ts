import { counterRandom } from '../core/counter.ts';

/** How far a warp may go. Pixels are those of 28 x 28. */
export interface WarpLimits {
  /** Largest shift in pixels, along each axis. */
  readonly shift: number;
  /** Largest rotation in degrees, either way. */
  readonly rotation: number;
  /** Largest change of size, as a share, and of either side alone half as much. */
  readonly scale: number;
  /** Largest shift of a row against the next one, in pixels. */
  readonly shear: number;
  /** Standard deviation in pixels of each node of the elastic grid. */
  readonly elastic: number;
}

const side = 28;
const middle = 14;
/** Nodes of the elastic grid along each axis. */
const nodes = 6;

/** Random numbers that each image has in an epoch. */
const numbersPerImage = 128;

/** The numbers, uniform in [0, 1) with 24 bits, by which an image is warped under a key: those of native/warp.h. */
export function warpNumbers(key: number, index: number): () => number {
  let counter = index * numbersPerImage;
  return () => (counterRandom(key, counter++) >>> 8) / 0x100_0000;
}

/**
 * Moves the pixels of an image [28, 28] by a random shift, rotation, scale, shear and elastic displacement (Simard,
 * Steinkraus and Platt, 2003, with a spline through a coarse grid for their smoothed noise); values between pixels are
 * bilinear. `uniform` gives numbers in [0, 1).
 */
export function warpImage(image: Uint8Array, limits: WarpLimits, uniform: () => number): Uint8Array {
  const within = (limit: number) => limit * (2 * uniform() - 1);
  const angle = within((limits.rotation * Math.PI) / 180);
  const size = 1 + within(limits.scale);
  const aspect = 1 + within(limits.scale / 2);
  const shear = within(limits.shear);
  const [shiftX, shiftY] = [within(limits.shift), within(limits.shift)];
  const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size];
  const field = limits.elastic > 0 ? createField(limits.elastic, within) : undefined;
  const ink = surround(image);
  // How far each pixel of a row moves on top of that.
  const bentX = new Float64Array(side);
  const bentY = new Float64Array(side);
  const warped = new Uint8Array(side * side);
  for (let row = 0; row < side; row++) {
    if (field) {
      bendRow(field.x, row, bentX);
      bendRow(field.y, row, bentY);
    }
    const y = row + 0.5 - middle - shiftY;
    for (let column = 0; column < side; column++) {
      const x = column + 0.5 - middle - shiftX;
      // From the place in the new image back to the place in the given one.
      const fromX = (cos * x + sin * y) * aspect + shear * y + middle - 0.5 + (bentX[column] as number);
      const fromY = (-sin * x + cos * y) / aspect + middle - 0.5 + (bentY[column] as number);
      warped[row * side + column] = sample(ink, fromX, fromY);
    }
  }
  return warped;
}

interface Field {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Uniform displacements, which have no outliers. */
function createField(deviation: number, within: (limit: number) => number): Field {
  const x = new Float64Array(nodes * nodes);
  const y = new Float64Array(nodes * nodes);
  const limit = deviation * Math.sqrt(3);
  for (let node = 0; node < x.length; node++) {
    x[node] = within(limit);
    y[node] = within(limit);
  }
  return { x, y };
}

/** Nodes that each pixel's displacement depends on, along each axis. */
const splineNodes = 4;

/**
 * For each of the 28 pixels along an axis: the first of its four nodes, in a row of nodes that goes on at both ends, and
 * their weights by the Catmull-Rom spline.
 */
const firstNodes = new Uint8Array(side);
const nodeWeights = new Float64Array(side * splineNodes);
for (let pixel = 0; pixel < side; pixel++) {
  const position = ((pixel + 0.5) / side) * (nodes - 1);
  const first = Math.floor(position);
  const t = position - first;
  firstNodes[pixel] = first;
  nodeWeights.set(
    [
      (-t + 2 * t * t - t * t * t) / 2,
      (2 - 5 * t * t + 3 * t * t * t) / 2,
      (t + 4 * t * t - 3 * t * t * t) / 2,
      (-t * t + t * t * t) / 2,
    ],
    pixel * splineNodes,
  );
}

/** Blends a field [6, 6] into the displacements of a row's pixels, [28]. */
function bendRow(field: Float64Array, row: number, bent: Float64Array): void {
  // The ends are repeated, so that each pixel has four nodes.
  const line = new Float64Array(nodes + 2);
  for (let column = 0; column < nodes; column++) {
    let sum = 0;
    for (let at = 0; at < splineNodes; at++) {
      const node = Math.min(nodes - 1, Math.max(0, (firstNodes[row] as number) - 1 + at));
      sum += (nodeWeights[row * splineNodes + at] as number) * (field[node * nodes + column] as number);
    }
    line[column + 1] = sum;
  }
  line[0] = line[1] as number;
  line[nodes + 1] = line[nodes] as number;
  for (let column = 0; column < side; column++) {
    const first = firstNodes[column] as number;
    const weights = column * splineNodes;
    bent[column] =
      (nodeWeights[weights] as number) * (line[first] as number) +
      (nodeWeights[weights + 1] as number) * (line[first + 1] as number) +
      (nodeWeights[weights + 2] as number) * (line[first + 2] as number) +
      (nodeWeights[weights + 3] as number) * (line[first + 3] as number);
  }
}

/** Pixels along each axis of an image with a border of paper, one pixel wide. */
const borderedSide = side + 2;

function surround(image: Uint8Array): Uint8Array {
  const bordered = new Uint8Array(borderedSide * borderedSide);
  for (let row = 0; row < side; row++) {
    const from = row * side;
    bordered.set(image.subarray(from, from + side), (row + 1) * borderedSide + 1);
  }
  return bordered;
}

/** The value between pixels of a bordered image; beyond the image there is no ink. */
function sample(bordered: Uint8Array, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < -1 || row < -1 || column >= side || row >= side) return 0;
  const [partX, partY] = [x - column, y - row];
  const at = (row + 1) * borderedSide + column + 1;
  const upper = (bordered[at] as number) * (1 - partX) + (bordered[at + 1] as number) * partX;
  const lower =
    (bordered[at + borderedSide] as number) * (1 - partX) +
    (bordered[at + borderedSide + 1] as number) * partX;
  return (upper * (1 - partY) + lower * partY + 0.5) | 0;
}
