import { formatCount } from '../core/files.ts';
import { okabeIto, renderChart } from './chart.ts';
import type { Picture } from './png.ts';

/**
 * Draws a confusion matrix `matrix[label][prediction]` with the count in each cell. The diagonal has a tone of its
 * own, and errors are shaded on a scale of theirs, so that one error among a thousand right answers can be seen.
 */
export async function renderConfusionMatrix(matrix: readonly (readonly number[])[]): Promise<Picture> {
  const cells = matrix.flatMap((row, label) =>
    row.map((count, prediction) => ({
      label,
      prediction,
      count,
      text: count === 0 ? '' : formatCount(count),
    })),
  );
  const errors = cells.filter(({ label, prediction }) => label !== prediction);
  const mostErrors = Math.max(1, ...errors.map(({ count }) => count));
  return renderChart({
    title: {
      text: 'Confusion matrix',
      subtitle: subtitleOf(
        cells.reduce((sum, { count }) => sum + count, 0),
        errors,
      ),
    },
    data: { values: cells },
    width: { step: CELL_SIZE },
    height: { step: CELL_SIZE },
    encoding: {
      x: { field: 'prediction', type: 'ordinal', axis: { title: 'prediction', orient: 'top', ...axis } },
      y: { field: 'label', type: 'ordinal', axis: { title: 'label', ...axis } },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#ddd' },
        transform: [{ filter: 'datum.label !== datum.prediction' }],
        encoding: {
          color: {
            field: 'count',
            type: 'quantitative',
            scale: { domain: [0, mostErrors], range: ['#ffffff', okabeIto.vermilion], interpolate: 'rgb' },
            legend: { title: 'errors', tickMinStep: 1, format: ',d' },
          },
        },
      },
      {
        mark: { type: 'rect', stroke: '#ddd', color: '#cfe3f1' },
        transform: [{ filter: 'datum.label === datum.prediction' }],
      },
      {
        mark: { type: 'text', fontSize: 12 },
        encoding: { text: { field: 'text', type: 'nominal' } },
      },
    ],
  });
}

const CELL_SIZE = 46;

const axis = { labelAngle: 0, labelFontSize: 13, domain: false, ticks: false };

function subtitleOf(count: number, errors: readonly { readonly count: number }[]): string {
  const wrong = errors.reduce((sum, cell) => sum + cell.count, 0);
  return `${formatCount(wrong)} of ${formatCount(count)} images misread`;
}
