import { type ColorScale, colorAt, scaleTicks } from './color-scale.ts';
import { escapeXml, fontFamily, formatSvg, type Picture, renderPng } from './png.ts';

/** Values to be drawn as one tile, [height, width] row by row. */
export interface Plane {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Tiles side by side. */
export interface TileRow {
  /** Stands to the left. */
  readonly label?: string;
  /** One above each tile. */
  readonly captions?: readonly string[];
  readonly planes: readonly Plane[];
}

/** Rows of tiles that share one color scale. */
export interface TilePanel {
  readonly heading?: string;
  /** What the values are: "weight". */
  readonly legend: string;
  readonly scale: ColorScale;
  /** What the captions number: "filter". */
  readonly captionTitle?: string;
  readonly rows: readonly TileRow[];
  /** How wide each value is drawn. */
  readonly pixelSize: number;
}

/** A whole picture: panels one below the other. */
export interface TilePicture {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly TilePanel[];
}

/** Draws planes of numbers as colored tiles, each panel with its color bar. */
export async function renderTiles({ title, subtitle, panels }: TilePicture): Promise<Picture> {
  let y = MARGIN + HEADER_HEIGHT;
  const drawn: string[] = [];
  for (const panel of panels) {
    const { svg, bottom } = await drawPanel(panel, y);
    drawn.push(svg);
    y = bottom + PANEL_GAP;
  }
  const width =
    2 * MARGIN +
    Math.ceil(
      Math.max(
        title.length * TITLE_CHARACTER_WIDTH,
        subtitle.length * CHARACTER_WIDTH,
        ...panels.map(panelWidth),
      ),
    );
  const height = y - PANEL_GAP + MARGIN;
  const svg = formatSvg(width, height, [
    `<style>text{font-family:${fontFamily};font-size:12px;fill:#222}.title{font-size:17px;font-weight:bold}.subtitle{fill:#555;font-size:13px}.heading{font-size:14px;font-weight:bold}.middle{text-anchor:middle}.end{text-anchor:end}.frame{fill:none;stroke:#888;stroke-width:0.5}</style>`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text class="title" x="${MARGIN}" y="${MARGIN + 14}">${escapeXml(title)}</text>`,
    `<text class="subtitle" x="${MARGIN}" y="${MARGIN + 36}">${escapeXml(subtitle)}</text>`,
    ...drawn,
  ]);
  return { svg, png: await renderPng(svg) };
}

const MARGIN = 20;
const HEADER_HEIGHT = 58;
const PANEL_GAP = 24;
const HEADING_HEIGHT = 22;
/** The color bar with the numbers under it. */
const BAR_SPACE = 40;
const CAPTION_HEIGHT = 16;
const TILE_GAP = 6;
const BAR_WIDTH = 200;
const BAR_HEIGHT = 10;
const CHARACTER_WIDTH = 7.6;
const TITLE_CHARACTER_WIDTH = 11;

/** A panel from `top` on, and where it ends. */
async function drawPanel(
  panel: TilePanel,
  top: number,
): Promise<{ readonly svg: string; readonly bottom: number }> {
  const left = MARGIN + labelWidth(panel);
  let y = top + (panel.heading === undefined ? 0 : HEADING_HEIGHT);
  const parts = [drawColorBar(panel, y)];
  if (panel.heading !== undefined) {
    parts.push(`<text class="heading" x="${MARGIN}" y="${top + 12}">${escapeXml(panel.heading)}</text>`);
  }
  y += BAR_SPACE;
  for (const row of panel.rows) {
    if (row.captions !== undefined) {
      if (panel.captionTitle !== undefined) parts.push(drawText('end', left - 8, y + 11, panel.captionTitle));
      row.captions.forEach((caption, index) => {
        const { x, width } = placeTile(panel, row, index);
        parts.push(drawText('middle', left + x + width / 2, y + 11, caption));
      });
      y += CAPTION_HEIGHT;
    }
    const height = panel.pixelSize * Math.max(0, ...row.planes.map((plane) => plane.height));
    if (row.label !== undefined) parts.push(drawText('end', left - 8, y + height / 2 + 4, row.label));
    for (const [index, plane] of row.planes.entries()) {
      parts.push(await drawTile(plane, panel, { x: left + placeTile(panel, row, index).x, y }));
    }
    y += height + TILE_GAP;
  }
  return { svg: parts.join('\n'), bottom: y - TILE_GAP };
}

/** A bar from the lowest to the highest value, the numbers below it, what they are next to it. */
function drawColorBar({ scale, legend }: TilePanel, top: number): string {
  const steps = 50;
  const stops = Array.from({ length: steps + 1 }, (_, index) => {
    const value = scale.low + ((scale.high - scale.low) * index) / steps;
    return `<stop offset="${index / steps}" stop-color="rgb(${colorAt(scale, value).join(',')})"/>`;
  });
  const id = `scale-${top}`;
  const ticks = scaleTicks(scale).map((value) => {
    const x = MARGIN + (BAR_WIDTH * (value - scale.low)) / (scale.high - scale.low);
    const anchor = value === scale.low ? '' : value === scale.high ? 'end' : 'middle';
    return drawText(anchor, x, top + BAR_HEIGHT + 14, formatValue(value));
  });
  return [
    `<linearGradient id="${id}">${stops.join('')}</linearGradient>`,
    `<rect x="${MARGIN}" y="${top}" width="${BAR_WIDTH}" height="${BAR_HEIGHT}" fill="url(#${id})" stroke="#888" stroke-width="0.5"/>`,
    ...ticks,
    drawText('', MARGIN + BAR_WIDTH + 10, top + BAR_HEIGHT, legend),
  ].join('\n');
}

/** One value a pixel, enlarged here, so that every viewer shows sharp squares. */
async function drawTile(
  plane: Plane,
  { scale, pixelSize }: TilePanel,
  { x, y }: { readonly x: number; readonly y: number },
): Promise<string> {
  const { width, height } = plane;
  const raw = { width, height, channels: 3 as const };
  const colors = Uint8Array.from(Array.from(plane.values, (value) => colorAt(scale, value)).flat());
  const { default: sharp } = await import('sharp');
  const [wide, high] = [width * pixelSize, height * pixelSize];
  const image = sharp(colors, { raw }).resize(2 * wide, 2 * high, { kernel: 'nearest' });
  const png = await image.png({ palette: false, compressionLevel: 9 }).toBuffer();
  const place = `x="${x}" y="${y}" width="${wide}" height="${high}"`;
  return `<image ${place} href="data:image/png;base64,${png.toString('base64')}"/><rect class="frame" ${place}/>`;
}

function drawText(anchor: '' | 'middle' | 'end', x: number, y: number, text: string): string {
  const style = anchor === '' ? '' : ` class="${anchor}"`;
  return `<text${style} x="${x}" y="${y}">${escapeXml(text)}</text>`;
}

/** Where a tile begins, from the first tile of its row on, and how wide it is. */
function placeTile({ pixelSize }: TilePanel, row: TileRow, index: number) {
  const widths = row.planes.map((plane) => plane.width * pixelSize);
  const x = widths.slice(0, index).reduce((sum, width) => sum + width + TILE_GAP, 0);
  return { x, width: widths[index] ?? 0 };
}

function panelWidth(panel: TilePanel): number {
  const rows = panel.rows.map((row) => placeTile(panel, row, row.planes.length).x - TILE_GAP);
  const bar = BAR_WIDTH + 10 + panel.legend.length * CHARACTER_WIDTH;
  return Math.max(labelWidth(panel) + Math.max(...rows), bar, (panel.heading?.length ?? 0) * 9);
}

function labelWidth({ rows, captionTitle = '' }: TilePanel): number {
  const longest = Math.max(captionTitle.length, ...rows.map(({ label = '' }) => label.length));
  return longest === 0 ? 0 : Math.ceil(longest * CHARACTER_WIDTH) + 8;
}

/** -0.34567 -> "−0.346", three digits. */
function formatValue(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '\u2212');
}
