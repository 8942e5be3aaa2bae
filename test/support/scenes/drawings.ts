import { random } from '../../../src/core/random.ts';
import { between } from './canvas.ts';
import { drawSvg } from './letters.ts';

/** Drawings that are no digits: the `d` of SVG paths on 100 x 100. */
const shapes: Readonly<Record<string, string>> = {
  triangle: 'M50 12 L88 84 L12 84 Z',
  square: 'M14 14 L86 16 L84 86 L15 85 Z',
  star: 'M50 8 L61 38 L93 38 L67 57 L77 90 L50 70 L23 90 L33 57 L7 38 L39 38 Z',
  heart: 'M50 88 C10 60 4 34 20 20 C34 8 48 18 50 32 C52 18 66 8 80 20 C96 34 90 60 50 88 Z',
  arrow: 'M8 52 L90 48 M66 26 L90 48 L68 74',
  house:
    'M16 90 L16 46 L50 12 L84 46 L84 90 Z M16 46 L84 46 M42 90 L42 64 L58 64 L58 90 M64 58 L76 58 L76 70 L64 70 Z',
  face: 'M50 8 C78 8 92 28 92 50 C92 74 76 92 50 92 C24 92 8 74 8 50 C8 28 24 8 50 8 Z M32 36 L34 42 M66 36 L68 42 M50 46 L46 60 L54 60 M30 68 C40 80 60 80 70 68',
  tree: 'M46 92 L46 66 M56 92 L56 66 M50 8 L74 38 L62 38 L82 66 L18 66 L38 38 L26 38 Z',
  flower:
    'M50 40 C40 10 60 10 50 40 C80 28 84 48 52 46 C80 64 62 74 50 50 C40 76 20 64 46 46 C16 48 20 28 50 40 M50 50 L52 94 M52 78 C62 62 74 66 74 66 C70 80 60 80 52 78',
  sun: 'M50 32 C62 32 68 40 68 50 C68 62 60 68 50 68 C38 68 32 60 32 50 C32 40 38 32 50 32 Z M50 6 L50 22 M50 78 L50 94 M6 50 L22 50 M78 50 L94 50 M18 18 L30 30 M70 70 L82 82 M82 18 L70 30 M30 70 L18 82',
  fish: 'M8 50 C24 20 56 20 72 48 L92 28 L92 72 L72 52 C56 80 24 80 8 50 Z M24 44 L28 46 M40 34 C46 44 46 56 40 66',
  horse:
    'M8 34 L20 18 L26 10 L30 18 L40 30 L70 32 L84 34 L92 56 L86 58 L82 46 L80 62 L84 92 L78 92 L70 64 L46 64 L40 92 L34 92 L34 60 L26 44 L14 42 Z',
  scribble:
    'M10 40 C30 0 40 90 50 40 C60 0 20 60 70 70 C98 74 60 10 40 60 C26 92 90 90 86 40 C84 10 10 20 20 70 C26 94 60 60 92 62',
  zigzag: 'M6 60 L18 32 L30 66 L42 30 L54 68 L66 32 L78 64 L92 34',
  cross: 'M14 16 L86 84 M84 14 L16 86',
  hash: 'M36 10 L30 90 M68 10 L62 90 M10 36 L90 34 M8 66 L88 64',
  cup: 'M16 24 L24 86 L64 86 L72 24 Z M70 36 C96 30 94 66 67 66 M30 16 C34 10 28 8 32 2 M48 16 C52 10 46 8 50 2',
  envelope: 'M8 22 L92 22 L92 80 L8 80 Z M8 22 L50 56 L92 22',
  ladder: 'M30 6 L24 94 M66 6 L74 94 M29 22 L68 22 M28 40 L70 40 M27 58 L71 58 M26 76 L72 76',
  umbrella:
    'M8 54 C10 20 34 10 50 10 C68 10 90 20 92 54 C80 44 70 44 64 54 C56 44 44 44 36 54 C30 44 18 44 8 54 Z M50 4 L50 82 C50 96 36 96 36 84',
};

/** What is drawn. */
export const drawingNames = Object.keys(shapes);

/** A drawing with a shaking hand, in outline or filled: black on white, or every second time as a photo of paper. */
export async function makeDrawing(name: string, seed: number, index: number): Promise<Uint8Array> {
  const numbers = random(seed, `drawing ${name}`, index);
  const side = Math.round(between(numbers, 60, 260));
  const shake = between(numbers, 0.5, 3);
  const path = (shapes[name] ?? '').replaceAll(/\d+/g, (at) =>
    (Number(at) + shake * numbers.normal()).toFixed(1),
  );
  const fill = name !== 'face' && path.includes('Z') && numbers.uniform() < 0.25 ? 'black' : 'none';
  const size = between(numbers, 0.5, 0.8);
  const move = `translate(${side / 2} ${side / 2}) rotate(${between(numbers, -12, 12)}) scale(${(size * side) / 100})`;
  const pen = `stroke="black" stroke-width="${between(numbers, 2, 8)}" stroke-linecap="round" stroke-linejoin="round"`;
  const text = `<path transform="${move} translate(-50 -50)" d="${path}" fill="${fill}" ${pen}/>`;
  return drawSvg({ text, side, isPhoto: index % 2 === 0 }, numbers);
}
