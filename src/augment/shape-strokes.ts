import type { StrokePath } from '../data/digit-strokes.ts';
import { angular } from './letter-strokes.ts';

const circle = (x: number, y: number, radius: number, squash = 1): StrokePath =>
  Array.from({ length: 9 }, (_, at) => {
    const angle = (at / 8) * 2 * Math.PI;
    return [x + radius * Math.cos(angle), y + radius * squash * Math.sin(angle)];
  }).flat();

const spiral = (turns: number): StrokePath =>
  Array.from({ length: Math.round(turns * 8) + 1 }, (_, at) => {
    const angle = (at / 8) * 2 * Math.PI;
    const radius = (50 * at) / (turns * 8);
    return [50 + radius * Math.cos(angle), 50 + radius * Math.sin(angle)];
  }).flat();

const star = (points: number, inner: number): StrokePath =>
  angular(
    ...Array.from({ length: 2 * points + 1 }, (_, at) => {
      const angle = (at / points) * Math.PI - Math.PI / 2;
      const radius = at % 2 === 0 ? 50 : inner;
      return [50 + radius * Math.cos(angle), 50 + radius * Math.sin(angle)];
    }).flat(),
  );

/** Signs and small drawings that are no digit, on the grid of digit-strokes.ts. */
export const shapeVariants: readonly (readonly StrokePath[])[] = [
  // Polygons, stars and hearts.
  [angular(50, 4, 96, 92, 4, 92, 50, 4)],
  [angular(50, 96, 96, 8, 4, 8, 50, 96)],
  [angular(4, 4, 96, 4, 96, 96, 4, 96, 4, 4)],
  [angular(4, 24, 96, 24, 96, 76, 4, 76, 4, 24)],
  [angular(50, 0, 96, 50, 50, 100, 4, 50, 50, 0)],
  [angular(26, 4, 74, 4, 98, 50, 74, 96, 26, 96, 2, 50, 26, 4)],
  [star(5, 20)],
  [star(6, 28)],
  [star(4, 16)],
  [angular(50, 0, 80, 96, 2, 36, 98, 36, 20, 96, 50, 0)],
  [[50, 96, 10, 52, 8, 18, 30, 4, 50, 28, 50, 28, 70, 4, 92, 18, 90, 52, 50, 96]],
  [circle(50, 50, 30), ...[0, 1, 2, 3, 4, 5].map((at) => ray(at / 6, 36, 50))],
  [[66, 2, 26, 20, 18, 60, 44, 94, 78, 96, 78, 96, 50, 80, 40, 50, 66, 2]],
  [circle(50, 50, 48, 0.4)],
  // Arrows and checks.
  [[4, 50, 50, 50, 96, 50], angular(68, 24, 96, 50, 68, 76)],
  [[50, 96, 50, 50, 50, 4], angular(24, 32, 50, 4, 76, 32)],
  [[96, 50, 50, 50, 4, 50], angular(32, 24, 4, 50, 32, 76)],
  [angular(4, 56, 36, 94, 96, 6)],
  [[50, 0, 50, 48, 50, 96], angular(22, 68, 50, 96, 78, 68)],
  // Signs.
  [
    [4, 50, 50, 50, 96, 50],
    [50, 4, 50, 50, 50, 96],
  ],
  [
    [8, 8, 50, 50, 92, 92],
    [92, 8, 50, 50, 8, 92],
  ],
  [
    [4, 34, 50, 34, 96, 34],
    [4, 68, 50, 68, 96, 68],
  ],
  [[4, 50, 50, 50, 96, 50]],
  [[2, 58, 24, 40, 50, 50, 76, 60, 98, 42]],
  [
    [20, 20, 44, 0, 76, 12, 72, 40, 50, 56, 50, 74],
    [50, 94, 51, 96, 50, 98],
  ],
  [
    [50, 0, 50, 36, 50, 72],
    [50, 94, 51, 96, 50, 98],
  ],
  [
    [34, 2, 30, 50, 26, 98],
    [70, 2, 66, 50, 62, 98],
    [6, 34, 50, 34, 94, 34],
    [4, 66, 50, 66, 92, 66],
  ],
  [0, 1, 2].map((at) => [...ray(at / 6, -50, 0), ...ray(at / 6, 10, 50)]),
  [circle(22, 24, 18), circle(78, 78, 18), [84, 4, 50, 50, 16, 96]],
  [circle(50, 50, 18), [68, 32, 68, 60, 86, 66, 96, 40, 78, 8, 40, 2, 8, 30, 8, 72, 40, 98, 82, 92]],
  [[98, 98, 40, 40, 34, 10, 58, 4, 62, 26, 22, 54, 14, 84, 44, 98, 70, 88, 96, 50]],
  [
    [50, 20, 51, 22, 50, 24],
    [4, 50, 50, 50, 96, 50],
    [50, 78, 51, 80, 50, 82],
  ],
  [[46, 0, 20, 8, 22, 40, 8, 50, 22, 60, 20, 92, 46, 100]],
  [angular(70, 0, 30, 0, 30, 100, 70, 100)],
  [angular(84, 6, 12, 50, 84, 94)],
  [angular(16, 6, 88, 50, 16, 94)],
  [
    [50, 0, 50, 50, 50, 100],
    [86, 18, 50, 6, 18, 22, 50, 48, 84, 72, 50, 92, 14, 80],
  ],
  [
    [84, 20, 54, 4, 30, 30, 28, 70, 52, 96, 86, 82],
    [8, 42, 36, 42, 64, 42],
    [8, 60, 36, 60, 62, 60],
  ],
  // Greek letters, and halves of signs.
  [angular(92, 0, 8, 0, 50, 50, 8, 100, 92, 100)],
  [
    [4, 14, 50, 14, 96, 14],
    [30, 14, 28, 60, 16, 96],
    [70, 14, 68, 60, 84, 96],
  ],
  [[8, 96, 34, 96, 14, 40, 50, 4, 86, 40, 66, 96, 92, 96]],
  [circle(50, 50, 48, 0.7), [50, 0, 50, 50, 50, 100]],
  // Smileys, houses, flowers, waves, zigzags.
  [circle(50, 50, 48), [34, 36, 35, 38, 34, 40], [66, 36, 67, 38, 66, 40], [28, 62, 50, 78, 72, 62]],
  [angular(14, 96, 14, 44, 50, 6, 86, 44, 86, 96, 14, 96)],
  [circle(50, 24, 18), circle(28, 50, 18), circle(72, 50, 18), circle(50, 76, 18)],
  [circle(50, 16, 14), [50, 30, 50, 48, 50, 66], [20, 46, 50, 40, 80, 46], angular(22, 98, 50, 66, 78, 98)],
  [[2, 50, 14, 30, 26, 50, 38, 70, 50, 50, 62, 30, 74, 50, 86, 70, 98, 50]],
  [angular(2, 70, 20, 30, 38, 70, 56, 30, 74, 70, 92, 30)],
  [angular(60, 0, 24, 56, 52, 56, 36, 100, 80, 40, 52, 40, 60, 0)],
  [[4, 56, 30, 30, 70, 30, 84, 52, 70, 72, 30, 72, 4, 50], angular(82, 52, 98, 34, 98, 70, 82, 52)],
  [spiral(2)],
  [spiral(3)],
];

/** A line from the center outwards, in the direction of `turn` turns. */
function ray(turn: number, from: number, to: number): number[] {
  const [x, y] = [Math.cos(turn * 2 * Math.PI), Math.sin(turn * 2 * Math.PI)];
  return [50 + from * x, 50 + from * y, 50 + to * x, 50 + to * y];
}
