import type { BmpHeader } from './bmp-header.ts';
import { endsEarlyError, type ImageSource, imageError } from './source.ts';

/** Where decoded rows go: `done(n)` is called when `row` holds the palette indices of row n, bottom row first. */
export interface RunTarget {
  readonly row: Uint8Array;
  readonly done: (row: number) => void;
}

/**
 * Decodes the run-length coding of a BMP of 8 or 4 bits, a row at a time; pixels that are skipped have color 0.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where a run leaves the picture or the data end before their end marker.
 */
export function decodeRunLengths(source: ImageSource, header: BmpHeader, target: RunTarget): void {
  const reader = createReader(source, header.pixelOffset);
  const place = { x: 0, row: 0 };
  const finishRow = () => {
    target.done(place.row);
    target.row.fill(0);
    place.row += 1;
  };
  while (place.row < header.height) {
    const count = reader.next();
    const value = reader.next();
    if (count > 0) {
      checkRoom(source, header, place.x + count);
      writeRun(target.row, { start: place.x, count, value, isNarrow: header.compression === 'rle4' });
      place.x += count;
    } else if (value === 0) {
      finishRow();
      place.x = 0;
    } else if (value === 1) {
      while (place.row < header.height) finishRow();
      return;
    } else if (value === 2) {
      place.x += reader.next();
      const rows = reader.next();
      checkRoom(source, header, place.x);
      for (let skipped = 0; skipped < rows && place.row < header.height; skipped++) finishRow();
    } else {
      checkRoom(source, header, place.x + value);
      copyPixels(reader, target.row, {
        start: place.x,
        count: value,
        isNarrow: header.compression === 'rle4',
      });
      place.x += value;
    }
  }
  // Every row has its end: now only the marker for the end of the picture can follow.
  if (reader.next() !== 0 || reader.next() !== 1) {
    throw imageError(source, 'its run-length data have more rows than the picture');
  }
}

interface Reader {
  readonly next: () => number;
}

function createReader(source: ImageSource, start: number): Reader {
  let offset = start;
  return {
    next: () => {
      const byte = source.bytes[offset++];
      if (byte === undefined) throw endsEarlyError(source);
      return byte;
    },
  };
}

function checkRoom(source: ImageSource, header: BmpHeader, end: number): void {
  if (end <= header.width) return;
  throw imageError(source, `a run ends at pixel ${end} of a row of ${header.width}`);
}

function writeRun(
  row: Uint8Array,
  run: { readonly start: number; readonly count: number; readonly value: number; readonly isNarrow: boolean },
): void {
  for (let at = 0; at < run.count; at++) {
    const nibble = at % 2 === 0 ? run.value >> 4 : run.value & 15;
    row[run.start + at] = run.isNarrow ? nibble : run.value;
  }
}

/** Copies single pixels; their bytes are padded to an even number. */
function copyPixels(
  reader: Reader,
  row: Uint8Array,
  run: { readonly start: number; readonly count: number; readonly isNarrow: boolean },
): void {
  const bytesCount = run.isNarrow ? Math.ceil(run.count / 2) : run.count;
  for (let at = 0; at < bytesCount; at++) {
    const byte = reader.next();
    if (!run.isNarrow) row[run.start + at] = byte;
    else {
      row[run.start + at * 2] = byte >> 4;
      if (at * 2 + 1 < run.count) row[run.start + at * 2 + 1] = byte & 15;
    }
  }
  if (bytesCount % 2 === 1) reader.next();
}
