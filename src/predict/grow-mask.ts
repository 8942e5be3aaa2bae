import type { Mask } from './find-lines.ts';

/** The mask with all pixels added that are at most `reach` away in both directions. */
export function growMask({ width, height, mask }: Mask, reach: number): Uint8Array {
  const across = new Uint8Array(mask.length);
  const grown = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) continue;
      across.fill(1, y * width + Math.max(0, x - reach), y * width + Math.min(width, x + reach + 1));
    }
  }
  for (let y = 0; y < height; y++) {
    const from = Math.max(0, y - reach);
    const to = Math.min(height - 1, y + reach);
    for (let x = 0; x < width; x++) {
      if (across[y * width + x] === 0) continue;
      for (let row = from; row <= to; row++) grown[row * width + x] = 1;
    }
  }
  return grown;
}
