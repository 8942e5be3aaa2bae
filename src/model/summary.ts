import { formatCount } from '../core/files.ts';
import { formatTable, numberColumns, wordColumns } from '../core/table.ts';
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
  const columns = [
    ...numberColumns(['']),
    ...wordColumns(['layer']),
    ...numberColumns(['output shape', 'parameters', 'multiply-adds']),
  ];
  const table = formatTable(columns, [
    ['', 'input', formatShape(shapes[0]?.inputShape ?? []), '', ''],
    ...shapes.map(({ layer, outputShape, parameters, multiplyAdds }, index) => [
      String(index + 1),
      describeLayer(layer),
      formatShape(outputShape),
      formatSize(parameters),
      formatSize(multiplyAdds),
    ]),
    ['', 'total', '', formatSize(total('parameters')), formatSize(total('multiplyAdds'))],
  ]);
  const title = `network ${architecture.name}: ${formatSize(total('parameters'))} parameters`;
  return `${title}\n${table.replaceAll(/^/gm, '  ')}`;
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
