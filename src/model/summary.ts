import type { Architecture } from './architectures.ts';
import { followShapes } from './shapes.ts';

/** The network as a table: a line each layer with its output shape and parameters, then their sum. */
export function formatSummary(architecture: Architecture): string {
  const shapes = followShapes(architecture);
  const rows = [
    ['layer', 'output shape', 'parameters'],
    ['input', '28 x 28 x 1', ''],
    ...shapes.map(({ layer, outputShape, parameters }) => [
      describe(layer),
      outputShape.join(' x '),
      parameters === 0 ? '' : parameters.toLocaleString('en-US'),
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map(([name = '', shape = '', count = '']) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${shape.padStart(widths[1] ?? 0)}  ${count.padStart(widths[2] ?? 0)}`.trimEnd(),
  );
  const total = shapes.reduce((sum, { parameters }) => sum + parameters, 0);
  return [`network ${architecture.name}: ${total.toLocaleString('en-US')} parameters`, ...lines].join('\n');
}

function describe(layer: Architecture['layers'][number]): string {
  switch (layer.type) {
    case 'conv2d': {
      const activation = layer.activation === undefined ? '' : `, ${layer.activation}`;
      const strides = (layer.strides ?? 1) === 1 ? '' : `, strides ${layer.strides}`;
      return `conv2d ${layer.filters} (${layer.kernelSize}x${layer.kernelSize}, ${layer.padding}${strides})${activation}`;
    }
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const { type, poolSize, strides = poolSize } = layer;
      const kind = type === 'maxPooling2d' ? 'max' : 'mean';
      return `${kind}-pool ${poolSize}x${poolSize}${strides === poolSize ? '' : `, strides ${strides}`}`;
    }
    case 'flatten':
      return 'flatten';
    case 'dense':
      return `dense ${layer.units}${layer.activation === undefined ? '' : `, ${layer.activation}`}`;
    case 'dropout':
      return `dropout ${layer.rate}`;
  }
}
