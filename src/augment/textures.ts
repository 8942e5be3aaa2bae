import type { Random } from '../core/random.ts';
import { canvasSide, createCanvas, drawLine, finishCanvas } from './collage.ts';

/** Several strokes that wander about: scribbles, or a few strokes that meet by chance. */
export function drawScribble(numbers: Random): Uint8Array {
  const canvas = createCanvas();
  const width = 3 + 9 * numbers.uniform();
  const strokes = 1 + numbers.integer(4);
  for (let stroke = 0; stroke < strokes; stroke++) {
    let [x, y] = [10 + 64 * numbers.uniform(), 10 + 64 * numbers.uniform()];
    let angle = 2 * Math.PI * numbers.uniform();
    let turn = 0.6 * numbers.normal();
    const steps = (strokes === 1 ? 24 : 4) + numbers.integer(24);
    for (let step = 0; step < steps; step++) {
      if (numbers.uniform() < 0.15) turn = 0.7 * numbers.normal();
      if (numbers.uniform() < 0.06) angle += Math.PI * (0.5 + numbers.uniform());
      angle += turn;
      const length = 4 + 5 * numbers.uniform();
      const [nextX, nextY] = [x + length * Math.cos(angle), y + length * Math.sin(angle)];
      if (nextX < 4 || nextX > 80 || nextY < 4 || nextY > 80) angle += 2;
      else {
        drawLine(canvas, [x, y, nextX, nextY], { width });
        [x, y] = [nextX, nextY];
      }
    }
  }
  return finishCanvas(canvas, numbers);
}

/** What a photo without a digit may leave: clouds of noise, gradients with edges, blobs, speckles, full ink. */
export function drawTexture(numbers: Random): Uint8Array {
  const kind = numbers.integer(6);
  if (kind === 0) return fillAll(numbers);
  const canvas = createCanvas();
  if (kind === 1) {
    // Speckles.
    const share = 0.02 + 0.5 * numbers.uniform() ** 2;
    const grain = 1 + numbers.integer(4);
    for (let row = 8; row < 76; row += grain) {
      for (let column = 8; column < 76; column += grain) {
        if (numbers.uniform() >= share) continue;
        drawLine(canvas, [column, row, column + 0.1, row], { width: grain + 1 });
      }
    }
    return finishCanvas(canvas, numbers);
  }
  if (kind === 2) {
    // Blobs.
    for (let blob = numbers.integer(5); blob >= 0; blob--) {
      const [x, y] = [14 + 56 * numbers.uniform(), 14 + 56 * numbers.uniform()];
      const far = () => 24 * (numbers.uniform() - 0.5);
      drawLine(canvas, [x, y, x + far(), y + far()], { width: 8 + 30 * numbers.uniform() });
    }
    return finishCanvas(canvas, numbers);
  }
  // Smooth waves of several directions; with a sharp edge, only what lies above a level is ink.
  const waves = Array.from({ length: 2 + numbers.integer(4) }, () => {
    const angle = 2 * Math.PI * numbers.uniform();
    const rate = (0.04 + 0.3 * numbers.uniform() ** 2) * (kind === 3 ? 2 : 1);
    return {
      x: rate * Math.cos(angle),
      y: rate * Math.sin(angle),
      phase: 2 * Math.PI * numbers.uniform(),
      height: 0.3 + numbers.uniform(),
    };
  });
  const level = 0.6 * numbers.normal();
  const softness = kind === 5 ? 1.5 : 0.1;
  for (let at = 0; at < canvas.length; at++) {
    const x = at % canvasSide;
    const y = Math.floor(at / canvasSide);
    if (x < 6 || y < 6 || x >= 78 || y >= 78) continue;
    let value = 0;
    for (const wave of waves) value += wave.height * Math.sin(wave.x * x + wave.y * y + wave.phase);
    canvas[at] = Math.min(1, Math.max(0, 0.5 + (value - level) / softness));
  }
  return finishCanvas(canvas, numbers);
}

/** Full ink, or noise all over the image, which has no frame. */
function fillAll(numbers: Random): Uint8Array {
  const image = new Uint8Array(784);
  const least = numbers.uniform();
  if (numbers.uniform() < 0.5) {
    for (let at = 0; at < 784; at++) image[at] = Math.round(255 * numbers.uniform() * least);
    return image;
  }
  const margin = numbers.integer(5);
  for (let at = 0; at < 784; at++) {
    const [x, y] = [at % 28, Math.floor(at / 28)];
    const isInside = x >= margin && y >= margin && x < 28 - margin && y < 28 - margin;
    image[at] = isInside ? Math.round(255 * (least + (1 - least) * numbers.uniform())) : 0;
  }
  return image;
}
