import type { TopLevelSpec } from 'vega-lite';
import { formatErrno, TrainerError } from '../core/errors.ts';
import { fontFamily, type Picture, renderPng } from './png.ts';

/**
 * Colors that color-blind readers can tell apart (Okabe and Ito, Color Universal Design, 2008).
 */
export const okabeIto = {
  black: '#000000',
  orange: '#e69f00',
  skyBlue: '#56b4e9',
  bluishGreen: '#009e73',
  yellow: '#f0e442',
  blue: '#0072b2',
  vermilion: '#d55e00',
  reddishPurple: '#cc79a7',
} as const;

/** The legend above a chart of lines. */
export const lineLegend = {
  title: null,
  orient: 'top',
  symbolType: 'stroke',
  symbolOpacity: 1,
  labelLimit: 0,
} as const;

/** The axis of training steps. */
export const stepAxis = { title: 'training steps', format: ',d', tickMinStep: 1, grid: false } as const;

/** Draws a vega-lite chart without browser, canvas or a word on the console. */
export async function renderChart(spec: TopLevelSpec): Promise<Picture> {
  // Loaded when first needed: together they take a fifth of a second.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const logger = vega.logger(vega.Error, 'error', throwMessage);
  const compiled = vegaLite.compile(spec, { logger, config: chartConfig });
  // Marks of clipped groups are numbered through the process: restart, so that equal charts are equal texts.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger });
  const svg = await view.toSVG();
  view.finalize();
  return { svg, png: await renderPng(svg) };
}

/** Warnings are dropped; what vega would print as an error is one. */
function throwMessage(_method: string, _level: string, messages: readonly unknown[]): never {
  throw new TrainerError('E_INTERNAL', `cannot draw the chart: ${messages.map(formatErrno).join(' ')}`, {
    cause: messages[0],
  });
}

const chartConfig = {
  background: 'white',
  font: fontFamily,
  padding: 12,
  title: { fontSize: 15, subtitleFontSize: 12, subtitleColor: '#555', anchor: 'start', offset: 12 },
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e5e5e5' },
  legend: { labelFontSize: 11, titleFontSize: 12, symbolStrokeWidth: 3 },
  view: { stroke: '#bbb' },
} as const;
