import { formatCount } from '../core/files.ts';
import { greatest, least } from './extremes.ts';
import { escapeXml, fontFamily, formatSvg, type Picture, renderPng } from './png.ts';

/** Digits laid out on a plane. */
export interface EmbeddingMap {
  /** [count, 2], in any unit. */
  readonly positions: Float64Array;
  readonly labels: Uint8Array;
  /** What the network takes them for. */
  readonly predictions: Uint8Array;
}

/** The words over the map. */
export interface EmbeddingWords {
  readonly title: string;
  readonly subtitle: string;
}

/**
 * A color for each digit, found by a search for ten that stay as far apart as they can in OKLab for normal eyes and for
 * eyes without red or green cones (Machado, Oliveira and Fernandes, 2009), none fainter than 2.3 to 1 on white. The
 * nearest two are twice as far apart as in Petroff's ten (2021). Digits that look alike got colors that do not.
 */
export const digitColors: readonly string[] = [
  '#002a61',
  '#0ac287',
  '#e188fc',
  '#467ec0',
  '#f08b00',
  '#760000',
  '#3d6e00',
  '#e20261',
  '#0000f3',
  '#8100a1',
];

/** Draws each point as its digit in its color; what the network misreads is circled, with its reading next to it. */
export async function renderEmbedding(map: EmbeddingMap, words: EmbeddingWords): Promise<Picture> {
  const svg = drawEmbedding({ ...map, positions: fitPositions(map.positions) }, words);
  return { svg, png: await renderPng(svg) };
}

/** Moves and scales positions, [count, 2], so that they fill [-1, 1] along the longer side; their shape stays. */
export function fitPositions(positions: Float64Array): Float64Array {
  const axes = [0, 1].map((axis) => {
    const values = Array.from(positions).filter((_, index) => index % 2 === axis);
    const [low, high] = [least(values), greatest(values)];
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const half = Math.max(...axes.map((axis) => axis.half));
  return positions.map((value, index) => {
    const middle = axes[index % 2]?.middle ?? 0;
    return half > 0 ? (value - middle) / half : 0;
  });
}

/** The picture as SVG, of positions from -1 to 1; it is `embeddingSize` large. */
export function drawEmbedding(map: EmbeddingMap, { title, subtitle }: EmbeddingWords): string {
  const points = Array.from(map.labels, (label, index) => ({
    label,
    prediction: map.predictions[index] ?? label,
    x: toPixel(MARGIN, map.positions[2 * index] ?? 0),
    y: toPixel(TOP, -(map.positions[2 * index + 1] ?? 0)),
  }));
  const wrong = points.filter(({ label, prediction }) => label !== prediction);
  // Where most are wrong, as before any training, circles would be all one sees.
  const circled = wrong.length > points.length / 2 ? [] : wrong;
  const { width, height } = embeddingSize;
  return formatSvg(width, height, [
    `<style>text{font-family:${fontFamily}}.digits{font-size:14px;font-weight:bold;text-anchor:middle}.rings{fill:none;stroke:#222}.readings{font-size:11px;fill:#222}</style>`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${MARGIN - PADDING}" y="34" font-size="21" font-weight="bold" fill="#222">${escapeXml(title)}</text>`,
    `<text x="${MARGIN - PADDING}" y="57" font-size="13" fill="#555">${escapeXml(subtitle)}</text>`,
    `<rect x="${MARGIN - PADDING}" y="${TOP - PADDING}" width="${SIDE + 2 * PADDING}" height="${SIDE + 2 * PADDING}" fill="none" stroke="#ddd"/>`,
    '<g class="digits">',
    ...points.map(
      ({ label, x, y }) => `<text x="${x}" y="${y + 5}" fill="${digitColors[label]}">${label}</text>`,
    ),
    '</g>',
    '<g class="rings">',
    ...circled.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="9.5"/>`),
    '</g>',
    '<g class="readings">',
    ...circled.map(({ x, y, prediction }) => `<text x="${x + 9}" y="${y - 6}">${prediction}</text>`),
    '</g>',
    `<text x="${MARGIN - PADDING}" y="${height - 14}" font-size="13" fill="#555">${describeWrong(wrong.length, points.length)}</text>`,
  ]);
}

const SIDE = 720;
const PADDING = 16;
const MARGIN = 32;
const TOP = 90;

/** Width and height of the picture, in its own units. */
const embeddingSize = { width: SIDE + 2 * MARGIN, height: TOP + SIDE + PADDING + 40 };

function toPixel(start: number, position: number): number {
  return Math.round((start + ((position + 1) / 2) * SIDE) * 10) / 10;
}

function describeWrong(wrong: number, count: number): string {
  if (wrong === 0) return `All ${formatCount(count)} digits are read correctly.`;
  if (wrong > count / 2) return `${formatCount(wrong)} of ${formatCount(count)} digits are misread.`;
  return `Circled: ${formatCount(wrong)} of ${formatCount(count)} digits are misread, as the small digit.`;
}
