import { type Line, type Mask, transpose } from './find-lines.ts';

/**
 * The pixels of lines, 1 each: across a line, ink no longer than the line is wide. What is longer there is a stroke that
 * crosses it, and stays. This is how staff lines are taken out of sheet music (Dalitz et al., 2008).
 */
export function traceLines(image: Mask, lines: readonly Line[]): Uint8Array {
  const level = traceLevel(
    image,
    lines.filter(({ isUpright }) => !isUpright),
  );
  const turned = transpose(image);
  const upright = traceLevel(
    turned,
    lines.filter(({ isUpright }) => isUpright),
  );
  const back = transpose({ ...turned, mask: upright }).mask;
  return level.map((value, at) => value | (back[at] ?? 0));
}

function traceLevel(image: Mask, lines: readonly Line[]): Uint8Array {
  const { width, height } = image;
  const traced = new Uint8Array(image.mask.length);
  const tolerance = Math.max(2, Math.ceil(Math.max(width, height) / 200));
  for (const line of lines) {
    const runs: { readonly x: number; readonly top: number; readonly bottom: number }[] = [];
    for (let x = Math.floor(line.start); x < Math.min(width, line.end); x++) {
      const run = findRun(image, { x, middle: Math.round(line.offset + line.slope * x), tolerance });
      if (run !== undefined) runs.push({ x, ...run });
    }
    const lengths = runs.map(({ top, bottom }) => bottom - top).sort((one, other) => one - other);
    const most = Math.max(2, Math.ceil(1.5 * (lengths[Math.floor(lengths.length / 2)] ?? 0)));
    for (const { x, top, bottom } of runs) {
      if (bottom - top > most) continue;
      for (let y = Math.max(0, top - 1); y < Math.min(height, bottom + 1); y++) traced[y * width + x] = 1;
    }
  }
  return traced;
}

/** The run of ink in a column that is nearest to a row. */
function findRun(
  { width, height, mask }: Mask,
  place: { readonly x: number; readonly middle: number; readonly tolerance: number },
): { readonly top: number; readonly bottom: number } | undefined {
  const isInk = (y: number) => y >= 0 && y < height && mask[y * width + place.x] !== 0;
  for (let distance = 0; distance <= place.tolerance; distance++) {
    const y = [place.middle - distance, place.middle + distance].find(isInk);
    if (y === undefined) continue;
    let [top, bottom] = [y, y + 1];
    while (isInk(top - 1)) top -= 1;
    while (isInk(bottom)) bottom += 1;
    return { top, bottom };
  }
  return undefined;
}
