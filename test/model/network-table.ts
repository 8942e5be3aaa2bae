import { formatCount } from '../../src/core/files.ts';
import {
  type Architecture,
  architectureNames,
  findArchitecture,
  taskOf,
} from '../../src/model/architectures.ts';
import { followShapes } from '../../src/model/shapes.ts';
import { describeLayer, formatShape } from '../../src/model/summary.ts';

const [start, end] = [
  '<!-- Written by `npm run docs` from src/model/architectures.ts. -->',
  '<!-- End of the table. -->',
];

/** `docs/networks.md` with the table of the networks as they are now. @throws Error where its place is not marked. */
export function replaceNetworkTable(document: string): string {
  const [before, after] = [document.indexOf(start), document.indexOf(end)];
  if (before === -1 || after < before)
    throw new Error('docs/networks.md does not mark where its table stands');
  return `${document.slice(0, before)}${start}\n\n${formatNetworkTable()}\n\n${document.slice(after)}`;
}

function formatNetworkTable(): string {
  const rows = architectureNames.map((name) => formatRow(findArchitecture(name)));
  return [
    '| `--arch` | input | layers | parameters | multiply-adds an image | validation images |',
    '| --- | --- | --- | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function formatRow(architecture: Architecture): string {
  const { name, pixels, validation } = architecture;
  const shapes = followShapes(architecture);
  const total = (key: 'parameters' | 'multiplyAdds') =>
    formatCount(shapes.reduce((sum, shape) => sum + shape[key], 0));
  const cells = [
    `\`${name}\``,
    `${formatShape(taskOf(architecture).inputShape)}, pixels from ${pixels.offset} to ${pixels.offset + 255 * pixels.scale}`,
    shapes.map(({ layer }) => describeLayer(layer)).join('; '),
    total('parameters'),
    total('multiplyAdds'),
    formatCount(validation),
  ];
  return `| ${cells.join(' | ')} |`;
}
