import sharp from 'sharp';
import { expect, test } from 'vitest';
import { escapeXml, renderPng } from '../../src/report/png.ts';
import { pngSize } from '../support/svg.ts';

const half =
  '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="15" height="20" fill="red"/></svg>';

test('a document is drawn at two pixels a unit', async () => {
  expect(pngSize(await renderPng(half))).toEqual({ width: 60, height: 40 });
});

test('what a document leaves open becomes white', async () => {
  const pixels = await sharp(await renderPng(half))
    .raw()
    .toBuffer();
  expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([255, 0, 0, 255, 255, 255]);
});

test('text is drawn', async () => {
  const text = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><text y="15">8</text></svg>';
  const { channels } = await sharp(await renderPng(text)).stats();
  expect(channels[0]?.min).toBeLessThan(64);
});

test('special characters of XML are escaped', () => {
  expect(escapeXml('<a b="c">&')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;');
});

test('characters that XML forbids are replaced', () => {
  expect(escapeXml('a\u0000b\u001bc\td')).toBe('a\ufffdb\ufffdc\td');
});
