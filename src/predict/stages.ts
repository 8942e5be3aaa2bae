import { type GrayImage, mapToBytes } from '../image/gray.ts';
import type { Choice } from './choose-digits.ts';
import type { InkBox } from './ink-box.ts';
import type { Page } from './page.ts';

/** One step on a picture's way to 28 x 28, as a picture. */
export interface Stage {
  readonly title: string;
  readonly image: GrayImage;
}

/** Renders what was done to a picture, step by step; a blank one has no ink to show, and ends before it. */
export function renderStages(page: Page, choice?: Choice): readonly Stage[] {
  const { image } = page;
  const { evened, strokes } = page.layouts[choice?.layout ?? 0] ?? { evened: page.evened };
  const level = strokes?.level ?? 255;
  const stages: Stage[] = [
    { title: `picture, seen at ${image.width} x ${image.height}`, image },
    {
      title: `paper and shading removed, ${evened.isLightOnDark ? 'light ink on dark' : 'dark ink on light'}`,
      image: { ...image, pixels: mapToBytes(evened.ink, (value) => toByte(value / level)) },
    },
  ];
  if (strokes === undefined || choice === undefined) return stages;
  const ink = { ...image, pixels: mapToBytes(strokes.labels, (label) => (label === 0 ? 0 : 255)) };
  for (const { box } of choice.digits) drawBox(ink, toPage(box, page));
  const count = choice.digits.length;
  stages.push(
    { title: count === 1 ? 'ink found, without lines and frames' : `ink found, ${count} digits`, image: ink },
    {
      title: 'scaled to 20 x 20 and centered by mass in 28 x 28',
      image: layInRows(choice.digits.map(({ framed }) => framed)),
    },
  );
  return stages;
}

function toByte(share: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}

/** From pixels of the picture to those of the page's image. */
function toPage(box: InkBox, { left, top, scale }: Page): InkBox {
  return {
    left: Math.floor(box.left / scale) - left,
    top: Math.floor(box.top / scale) - top,
    right: Math.ceil(box.right / scale) - left,
    bottom: Math.ceil(box.bottom / scale) - top,
  };
}

/** Draws a gray box around the pixels of one. */
function drawBox({ width, height, pixels }: GrayImage, box: InkBox): void {
  const [left, right] = [Math.max(0, box.left - 1), Math.min(width - 1, box.right)];
  const [top, bottom] = [Math.max(0, box.top - 1), Math.min(height - 1, box.bottom)];
  for (const y of [top, bottom]) pixels.fill(110, y * width + left, y * width + right + 1);
  for (let y = top; y <= bottom; y++) {
    pixels[y * width + left] = 110;
    pixels[y * width + right] = 110;
  }
}

/** Digits side by side, six a row. */
function layInRows(digits: readonly Uint8Array[]): GrayImage {
  const columns = Math.min(6, digits.length);
  const width = 28 * columns;
  const height = 28 * Math.ceil(digits.length / columns);
  const pixels = new Uint8Array(width * height);
  digits.forEach((digit, at) => {
    const first = 28 * Math.floor(at / columns) * width + 28 * (at % columns);
    for (let y = 0; y < 28; y++) pixels.set(digit.subarray(28 * y, 28 * y + 28), first + y * width);
  });
  return { width, height, pixels };
}
