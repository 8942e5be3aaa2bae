/** A round pen: its radius in pixels of the 20 x 20 box, and how much the pressure changes it along the way. */
export interface Pen {
  readonly radius: number;
  /** Share of the radius that comes and goes, 0 to 1. */
  readonly pressure: number;
  /** Where in its rise and fall the pressure starts, in radians. */
  readonly phase: number;
}

const boxPixels = 20;

/**
 * Renders strokes, each points `x, y, x, y, ...` of any scale, so that their ink fills a box of 20 x 20 in its longer
 * side. Returns 400 values of 0 to 255, antialiased, top row first.
 */
export function renderPen(strokes: readonly Float64Array[], pen: Pen): Float64Array {
  const bounds = boundsOf(strokes);
  const inner = boxPixels - 2 * pen.radius;
  const width = bounds.right - bounds.left;
  const height = bounds.bottom - bounds.top;
  const scale = inner / Math.max(width, height, 1e-6);
  const place = {
    scale,
    left: (boxPixels - width * scale) / 2 - bounds.left * scale,
    top: (boxPixels - height * scale) / 2 - bounds.top * scale,
  };
  const ink = new Float64Array(boxPixels * boxPixels);
  for (const stroke of strokes) {
    const pixels = stroke.map((value, at) => value * scale + (at % 2 === 0 ? place.left : place.top));
    const points = pixels.length / 2;
    for (let point = 0; point + 1 < points; point++) {
      const wave = Math.sin(pen.phase + (5 * point) / points);
      const radius = pen.radius * (1 + pen.pressure * (wave - 1) * 0.5);
      stampSegment(ink, pixels.subarray(point * 2, point * 2 + 4), radius);
    }
  }
  return ink;
}

/** Puts ink of 20 x 20 into 28 x 28 bytes so that its center of mass lies in pixel 14, as MNIST does. */
export function frameInk(ink: Float64Array): Uint8Array {
  let mass = 0;
  let massX = 0;
  let massY = 0;
  for (let at = 0; at < ink.length; at++) {
    const value = ink[at] ?? 0;
    mass += value;
    massX += value * ((at % boxPixels) + 0.5);
    massY += value * (Math.floor(at / boxPixels) + 0.5);
  }
  const shiftX = clampShift(Math.round(14.5 - massX / Math.max(mass, 1)));
  const shiftY = clampShift(Math.round(14.5 - massY / Math.max(mass, 1)));
  const image = new Uint8Array(784);
  for (let y = 0; y < boxPixels; y++) {
    for (let x = 0; x < boxPixels; x++) {
      image[(y + shiftY) * 28 + x + shiftX] = Math.round(ink[y * boxPixels + x] ?? 0);
    }
  }
  return image;
}

function boundsOf(strokes: readonly Float64Array[]) {
  const bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const stroke of strokes) {
    for (let at = 0; at + 1 < stroke.length; at += 2) {
      const x = stroke[at] ?? 0;
      const y = stroke[at + 1] ?? 0;
      bounds.left = Math.min(bounds.left, x);
      bounds.right = Math.max(bounds.right, x);
      bounds.top = Math.min(bounds.top, y);
      bounds.bottom = Math.max(bounds.bottom, y);
    }
  }
  return bounds;
}

/** Darkens the pixels near the segment `x0, y0, x1, y1`; the edge fades over 1.4 pixels, as in MNIST's reduced scans. */
function stampSegment(ink: Float64Array, segment: Float64Array, radius: number): void {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = segment;
  const reach = radius + 0.7;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(boxPixels - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(boxPixels - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = Math.max(dx * dx + dy * dy, 1e-12);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const distance = Math.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2);
      const value = 255 * Math.min(1, Math.max(0, (reach - distance) / 1.4));
      const at = y * boxPixels + x;
      if (value > (ink[at] ?? 0)) ink[at] = value;
    }
  }
}

function clampShift(shift: number): number {
  return Math.min(28 - boxPixels, Math.max(0, shift));
}
