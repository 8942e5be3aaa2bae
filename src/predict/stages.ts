import { type GrayImage, mapToBytes } from '../image/gray.ts';
import type { CenteredDigit } from './center-digit.ts';

/** One step on a picture's way to 28 x 28, as a picture. */
export interface Stage {
  readonly title: string;
  readonly image: GrayImage;
}

/** Renders what was done to a picture, step by step; a blank one has no ink to show, and ends before it. */
export function renderStages(digit: CenteredDigit): readonly Stage[] {
  const { image, evened, found } = digit;
  const { width, height, isLightOnDark } = evened;
  const level = found?.level ?? 255;
  const stages: Stage[] = [
    { title: `picture, seen at ${image.width} x ${image.height}`, image },
    {
      title: `paper and shading removed, ${isLightOnDark ? 'light ink on dark' : 'dark ink on light'}`,
      image: { width, height, pixels: mapToBytes(evened.ink, (value) => toByte(value / level)) },
    },
  ];
  if (found === undefined) return stages;
  const { box, mask } = found;
  stages.push(
    {
      title: `ink found, ${box.right - box.left} x ${box.bottom - box.top}`,
      image: { width, height, pixels: mapToBytes(mask, (value) => value * 255) },
    },
    {
      title: 'scaled to 20 x 20 and centered by mass in 28 x 28',
      image: { width: 28, height: 28, pixels: digit.framed },
    },
  );
  return stages;
}

function toByte(share: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}
