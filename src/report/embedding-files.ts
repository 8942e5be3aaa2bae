import nodePath from 'node:path';
import { TrainerError } from '../core/errors.ts';
import { readFileCapped, writeFiles } from '../core/files.ts';
import { formatCsv } from './csv.ts';
import { type EmbeddingMap, type EmbeddingWords, renderEmbedding } from './embedding-picture.ts';

const header = ['index', 'label', 'prediction', 'x', 'y'];
const maxSizeBytes = 64 * 1024 * 1024;

/**
 * Writes a map as `NAME.svg`, `NAME.png` and, last, `NAME.csv` into a folder: where the table is, the pictures are. The
 * table holds all digits of the positions, so that the next map can begin there to the bit.
 *
 * @returns the paths written.
 * @throws TrainerError `E_NOT_WRITABLE`, `E_DISK_FULL` or `E_IO`.
 */
export async function writeEmbedding(
  folder: string,
  name: string,
  { map, words }: { readonly map: EmbeddingMap; readonly words: EmbeddingWords },
): Promise<readonly string[]> {
  const { svg, png } = await renderEmbedding(map, words);
  return writeFiles(folder, {
    [`${name}.svg`]: svg,
    [`${name}.png`]: png,
    [`${name}.csv`]: formatEmbedding(map),
  });
}

/** Reads a map's table. @throws TrainerError `E_NO_INPUT`, or `E_MODEL_FORMAT` where it is no such table. */
export function readEmbedding(file: string): EmbeddingMap {
  const lines = readFileCapped(file, maxSizeBytes, 'E_MODEL_FORMAT').toString('utf8').trimEnd().split('\n');
  const rows = lines.slice(1).map((line) => line.split(',').map(Number));
  const isSound = rows.every(
    (row, index) => row.length === 5 && row[0] === index && row.every(Number.isFinite),
  );
  if (lines[0] !== header.join(',') || !isSound) {
    throw new TrainerError(
      'E_MODEL_FORMAT',
      `cannot read ${nodePath.basename(file)}: it is not a table of positions`,
      {
        path: file,
        expected: header.join(','),
        hint: 'Remove it to have it drawn again.',
      },
    );
  }
  return {
    positions: Float64Array.from(rows.flatMap(([, , , x = 0, y = 0]) => [x, y])),
    labels: Uint8Array.from(rows, ([, label = 0]) => label),
    predictions: Uint8Array.from(rows, ([, , prediction = 0]) => prediction),
  };
}

function formatEmbedding({ positions, labels, predictions }: EmbeddingMap): string {
  const rows = Array.from(labels, (label, index) => [
    index,
    label,
    predictions[index],
    positions[2 * index],
    positions[2 * index + 1],
  ]);
  return formatCsv(header, rows);
}
