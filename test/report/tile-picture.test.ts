import { expect, test } from 'vitest';
import { renderTiles, type TilePanel } from '../../src/report/tile-picture.ts';
import { pngSize, textsOf } from '../support/svg.ts';

const plane = { values: Float32Array.of(-1, 0, 0.5, 1), width: 2, height: 2 };
const panel: TilePanel = {
  legend: 'weight',
  captionTitle: 'filter',
  scale: { type: 'diverging', low: -1, high: 1 },
  rows: [
    { label: 'channel 0', captions: ['0', '1', '2'], planes: [plane, plane, plane] },
    { label: 'channel 1', planes: [plane, plane, plane] },
  ],
  pixelSize: 10,
};
const picture = renderTiles({ title: 'Filters <a & b>', subtitle: 'net', panels: [panel] });

test('a picture holds title, subtitle, the color bar with its numbers, captions and labels', async () => {
  const { svg } = await picture;
  expect(textsOf(svg)).toEqual([
    'Filters <a & b>',
    'net',
    '\u22121',
    '0',
    '1',
    'weight',
    'filter',
    '0',
    '1',
    '2',
    'channel 0',
    'channel 1',
  ]);
});

test('each plane is a tile of its own size', async () => {
  const { svg } = await picture;
  const sizes = Array.from(svg.matchAll(/<image [^>]*width="(\d+)" height="(\d+)"/g), ([, ...size]) => size);
  expect(sizes).toEqual(Array.from({ length: 6 }, () => ['20', '20']));
});

test('tiles of a row stand six units apart, and rows below one another', async () => {
  const { svg } = await picture;
  const places = Array.from(svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)"/g), ([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  const [[x = 0, y = 0] = []] = places;
  expect(places.map(([across = 0, down = 0]) => [across - x, down - y])).toEqual([
    [0, 0],
    [26, 0],
    [52, 0],
    [0, 26],
    [26, 26],
    [52, 26],
  ]);
});

test('the PNG shows the color of a value at its place, at two pixels a unit', async () => {
  const { svg, png } = await picture;
  const [, x, y] = /<image x="([\d.]+)" y="([\d.]+)"/.exec(svg) ?? [];
  const { default: sharp } = await import('sharp');
  const area = { left: 2 * Number(x) + 30, top: 2 * Number(y) + 30, width: 1, height: 1 };
  const pixel = await sharp(png).extract(area).removeAlpha().raw().toBuffer();
  expect([...pixel]).toEqual([103, 0, 31]);
});

test('a heading stands over its panel', async () => {
  const scale = { type: 'sequential', low: 0, high: 1 } as const;
  const panels = [
    { heading: 'conv2d_1', legend: 'activation', scale, rows: [{ planes: [plane] }], pixelSize: 1 },
  ];
  const { svg, png } = await renderTiles({ title: 'Maps', subtitle: '', panels });
  expect([textsOf(svg), pngSize(png).height]).toEqual([
    ['Maps', '', '0', '1', 'activation', 'conv2d_1'],
    2 * (20 + 58 + 22 + 40 + 2 + 20),
  ]);
});
