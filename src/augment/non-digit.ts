import type { Random } from '../core/random.ts';
import type { StrokePath } from '../data/digit-strokes.ts';
import { drawByHand } from '../data/synthetic.ts';
import { letterVariants } from './letter-strokes.ts';
import { shapeVariants } from './shape-strokes.ts';
import { drawEmptyRules, drawPart, drawRow, drawRuled, type PickDigit, turnDigit } from './spoiled-digits.ts';
import { drawScribble, drawTexture } from './textures.ts';

const letters = Object.values(letterVariants);

/** What shows no digit, and its share in a hundred of such pictures. */
const kinds: readonly (readonly [number, (pick: PickDigit, numbers: Random) => Uint8Array])[] = [
  [34, (_, numbers) => drawLetter(pickOne(pickOne(letters, numbers), numbers), numbers)],
  [13, (_, numbers) => drawByHand(pickOne(shapeVariants, numbers), numbers)],
  [16, drawRow],
  [6, drawPart],
  [8, turnDigit],
  [8, drawRuled],
  [4, (_, numbers) => drawEmptyRules(numbers)],
  [6, (_, numbers) => drawScribble(numbers)],
  [5, (_, numbers) => drawTexture(numbers)],
];

/**
 * A picture of no digit, in MNIST's framing, [28, 28]: letters, signs, scribbles, several digits, parts of digits, turned
 * and ruled ones, empty frames, textures. `pick` draws the digits that some of them are made from.
 */
export function drawNonDigit(pick: PickDigit, numbers: Random): Uint8Array {
  let left = 100 * numbers.uniform();
  for (const [share, draw] of kinds) {
    left -= share;
    if (left < 0) return draw(pick, numbers);
  }
  return drawTexture(numbers);
}

/** A letter by hand, or wider, upright and with serifs in places, as printed ones are. */
function drawLetter(paths: readonly StrokePath[], numbers: Random): Uint8Array {
  if (numbers.uniform() < 0.4) return drawByHand(paths, numbers);
  const stretch = Math.exp(0.25 * numbers.normal() + 0.15);
  const lean = 0.16 * (numbers.uniform() < 0.8 ? 1 : 0);
  const printed = paths.map((path) =>
    path.map((value, at) =>
      at % 2 === 0 ? (value - 50) * stretch + lean * ((path[at + 1] ?? 50) - 50) : value,
    ),
  );
  if (numbers.uniform() < 0.7) return drawByHand(printed, numbers);
  const half = 8 + 8 * numbers.uniform();
  const serifs = printed.flatMap((path) => [path.slice(0, 2), path.slice(-2)]);
  const dashes = serifs.map(([x = 0, y = 0]) => [x - half, y, x, y, x + half, y]);
  return drawByHand([...printed, ...dashes], numbers);
}

function pickOne<Item>(items: readonly Item[], numbers: Random): Item {
  return items[numbers.integer(items.length)] as Item;
}
