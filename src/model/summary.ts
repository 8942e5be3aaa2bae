import { formatCount } from '../core/files.ts';
import type { Architecture } from './architectures.ts';
import { kindOf, type LayerDefinition } from './layers/layer-kinds.ts';
import { followShapes } from './shapes.ts';

/**
 * The network as a table: a line each layer with its number, output shape, parameters and multiply-adds for one image, then their
 * sums.
 */
export function formatSummary(architecture: Architecture): string {
  const shapes = followShapes(architecture);
  const total = (key: 'parameters' | 'multiplyAdds') => shapes.reduce((sum, shape) => sum + shape[key], 0);
  const rows = [
    ['', 'layer', 'output shape', 'parameters', 'multiply-adds'],
    ['', 'input', formatShape(shapes[0]?.inputShape ?? []), '', ''],
    ...shapes.map(({ layer, outputShape, parameters, multiplyAdds }, index) => [
      String(index + 1),
      describeLayer(layer),
      formatShape(outputShape),
      formatSize(parameters),
      formatSize(multiplyAdds),
    ]),
    ['', 'total', '', formatSize(total('parameters')), formatSize(total('multiplyAdds'))],
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 1 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
  return [`network ${architecture.name}: ${formatSize(total('parameters'))} parameters`, ...lines].join('\n');
}

/** [28, 28, 16] -> "28 x 28 x 16". */
export function formatShape(shape: readonly number[]): string {
  return shape.join(' x ');
}

function formatSize(count: number): string {
  return count === 0 ? '' : formatCount(count);
}

/** A layer in words: "conv2d 16 (5x5, same), relu". */
export function describeLayer(layer: LayerDefinition): string {
  return kindOf(layer).describe(layer);
}
