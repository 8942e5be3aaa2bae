import { okabeIto, renderChart } from '../src/report/chart.ts';
import type { Picture } from '../src/report/png.ts';
import type { TorchEpoch } from './job.ts';
import type { PresetResult } from './presets.ts';

/** Accuracy against seconds: each preset's mean and deviation, and PyTorch's epochs as a line. */
export function drawPresets(
  results: readonly PresetResult[],
  torch: readonly TorchEpoch[],
): Promise<Picture> {
  const x = {
    field: 'seconds',
    type: 'quantitative',
    scale: { type: 'log' },
    axis: { title: 'seconds of the whole job', format: '~s' },
  } as const;
  const y = {
    type: 'quantitative',
    scale: { zero: false },
    axis: { title: 'test accuracy in %', format: '.1f' },
  } as const;
  const presets = results.map(({ preset, mean, deviation, seconds }) => ({
    preset,
    seconds,
    mean: 100 * mean,
    low: 100 * (mean - deviation),
    high: 100 * (mean + deviation),
  }));
  const epochs = torch.map(({ seconds, accuracy }) => ({ seconds, mean: 100 * accuracy }));
  const own = { values: presets };
  return renderChart({
    title: {
      text: 'Accuracy against time',
      subtitle: 'bars: standard deviation of seeds; gray: epochs of PyTorch with cnn',
    },
    width: 560,
    height: 320,
    layer: [
      {
        data: { values: epochs },
        mark: { type: 'line', point: { size: 25, color: '#888' }, color: '#888' },
        encoding: { x, y: { ...y, field: 'mean' } },
      },
      {
        data: own,
        mark: { type: 'rule', color: okabeIto.blue },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: own,
        mark: { type: 'point', filled: true, size: 70, opacity: 1, color: okabeIto.blue },
        encoding: { x, y: { ...y, field: 'mean' } },
      },
      {
        data: own,
        mark: { type: 'text', align: 'left', dx: 8, dy: 3, fontSize: 12 },
        encoding: { x, y: { ...y, field: 'mean' }, text: { field: 'preset' } },
      },
    ],
  });
}
