import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  formatSuiteCsv,
  renderSuiteCurves,
  type SuitePicture,
  writeSuite,
} from '../../src/report/suite-curves.ts';
import { createTempFolder } from '../support/folder.ts';
import { countMarks, textsOf } from '../support/svg.ts';

const interval = { low: 0.85, high: 0.95 };
const corruptions = ['shift', 'rotation', 'scale', 'blur', 'noise'].map((name) => ({
  name,
  unit: name === 'rotation' ? 'degrees' : 'pixels',
  points: [0, 0.5, 1].map((strength) => ({ strength, accuracy: 0.9, interval })),
}));
const picture: SuitePicture = {
  title: 'Accuracy on 40 changed test images',
  subtitle: ['net'],
  chance: 0.1,
  corruptions,
  example: {
    title: 'Test image 0',
    columns: 1,
    cells: [{ pixels: new Uint8Array(784), caption: ['unchanged'] }],
  },
};

test('the curves name each kind of change with its unit and strengths', async () => {
  const { svg } = await renderSuiteCurves(picture);
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining([
      picture.title,
      'net',
      ...corruptions.map(({ name }) => name),
      'degrees',
      'pixels',
      '0.5',
      'accuracy (%)',
    ]),
  );
});

test('the curves mark each measurement', async () => {
  const { svg } = await renderSuiteCurves(picture);
  expect(countMarks(svg, 'mark-symbol role-mark')).toBe(15);
});

test('the axis of accuracy stands left of each row', async () => {
  const { svg } = await renderSuiteCurves(picture);
  expect(textsOf(svg).filter((text) => text === 'accuracy (%)').length).toBe(2);
});

test('the table holds each point with its interval', () => {
  expect(formatSuiteCsv(corruptions.slice(1, 2))).toBe(
    [
      'change,unit,strength,accuracy,low,high',
      'rotation,degrees,0,0.9,0.85,0.95',
      'rotation,degrees,0.5,0.9,0.85,0.95',
      'rotation,degrees,1,0.9,0.85,0.95',
      '',
    ].join('\n'),
  );
});

test('the files are the table, the curves and the example, and their paths are given', async () => {
  const folder = createTempFolder();
  const names = ['suite.csv', 'suite.svg', 'suite.png', 'suite-images.png'];
  expect([await writeSuite(folder, picture), fs.readdirSync(folder).sort()]).toEqual([
    names.map((name) => path.join(folder, name)),
    names.toSorted(),
  ]);
});
