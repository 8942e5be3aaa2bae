import { formatTable, numberColumns, wordColumns } from '../src/core/table.ts';
import type { Comparison } from './compare.ts';
import { summarize } from './machine.ts';
import { formatRatio } from './table.ts';

/** What was measured of a network: ours first in each comparison, so that the ratios are those of the rival to ours. */
export interface NetworkRow {
  readonly network: string;
  /** The faster one of PyTorch's settings. */
  readonly setting: string;
  readonly torch: Comparison;
  readonly stock: Comparison;
  /** Peak memory of our process, library and training images included. */
  readonly peakMiB: number;
}

/** Our process should stay below this with each network. */
const mostMiB = 800;
/** No network should be slower than in PyTorch, and the median of the networks' ratios at least this. */
const wantedMedian = 2.5;

/** Milliseconds a step of each network in each framework, the ratios, and how they compare with what is wanted. */
export function formatNetworks(rows: readonly NetworkRow[]): string {
  const columns = [
    ...wordColumns(['network']),
    ...numberColumns(['ours, ms', 'PyTorch, ms', 'stock, ms', 'PyTorch / ours', 'stock / ours', 'ours, MiB']),
    ...wordColumns(['', 'PyTorch runs']),
  ];
  const lines = rows.map(({ network, setting, torch, stock, peakMiB }) => [
    network,
    torch.aMs.median.toFixed(2),
    torch.bMs.median.toFixed(2),
    stock.bMs.median.toFixed(2),
    formatSpread(torch),
    formatSpread(stock),
    peakMiB.toFixed(0),
    torch.ratio.median < 1 ? 'SLOWER' : 'faster',
    setting,
  ]);
  return `${formatTable(columns, lines)}\n${formatVerdict(rows)}`;
}

function formatSpread({ ratio, disturbed }: Comparison): string {
  const [median, low, high] = [ratio.median, ratio.low, ratio.high].map(formatRatio);
  return `${median} (${low} to ${high})${disturbed === 0 ? '' : ' disturbed'}`;
}

function formatVerdict(rows: readonly NetworkRow[]): string {
  const slower = rows.filter(({ torch }) => torch.ratio.median < 1).map(({ network }) => network);
  const peakMiB = Math.max(...rows.map((row) => row.peakMiB));
  const { median } = summarize(rows.map(({ torch }) => torch.ratio.median));
  return [
    `no network slower than PyTorch: ${slower.length === 0 ? 'yes' : `no, ${slower.join(', ')}`}`,
    `median ratio at least ${wantedMedian}: ${median < wantedMedian ? 'no' : 'yes'}, it is ${formatRatio(median)}`,
    `memory below ${mostMiB} MiB: ${peakMiB < mostMiB ? 'yes' : 'no'}, at most ${peakMiB.toFixed(0)}`,
  ].join('\n');
}
