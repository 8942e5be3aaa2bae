import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../bench/compare.ts';
import { summarize } from '../../bench/machine.ts';
import { loadNetworks } from '../../bench/network-list.ts';
import { formatNetworks, type NetworkRow } from '../../bench/network-table.ts';

describe('the networks that are compared', () => {
  test('can all be loaded, and have names of their own', async () => {
    const names = (await loadNetworks()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['cnn', 'lenet-5']));
    expect(new Set(names).size).toBe(names.length);
  });

  test('can be chosen by name', async () => {
    const chosen = await loadNetworks(['lenet-5', 'cnn']);
    expect(chosen.map(({ name }) => name)).toEqual(['cnn', 'lenet-5']);
  });

  test('are listed where a name is unknown', async () => {
    await expect(loadNetworks(['cnn', 'nix'])).rejects.toThrow(
      /^no network nix, expected some of cnn, conv3x3, /,
    );
  });
});

function compare(ms: readonly (readonly [ours: number, rival: number])[]): Comparison {
  return {
    aMs: summarize(ms.map(([ours]) => ours)),
    bMs: summarize(ms.map(([, rival]) => rival)),
    ratio: summarize(ms.map(([ours, rival]) => rival / ours)),
    rounds: [],
    disturbed: 0,
    load: 0,
  };
}

const row = (network: string, ...ms: readonly (readonly [number, number])[]): NetworkRow => ({
  network,
  setting: 'channels-last',
  torch: compare(ms),
  stock: compare([[1, 20]]),
  peakMiB: network === 'c' ? 801 : 450.4,
});

describe('the table of networks', () => {
  test('has times, ratios and a verdict each, and one for all', () => {
    const rows = [row('a', [1, 4], [1, 3], [2, 7]), row('b', [4, 3]), row('c', [1, 2.5])];
    expect(formatNetworks(rows).split('\n')).toEqual([
      'network  ours, ms  PyTorch, ms  stock, ms       PyTorch / ours         stock / ours  ours, MiB          PyTorch runs',
      'a            1.00         4.00      20.00  3.50 (3.00 to 4.00)  20.0 (20.0 to 20.0)        450  faster  channels-last',
      'b            4.00         3.00      20.00  0.75 (0.75 to 0.75)  20.0 (20.0 to 20.0)        450  SLOWER  channels-last',
      'c            1.00         2.50      20.00  2.50 (2.50 to 2.50)  20.0 (20.0 to 20.0)        801  faster  channels-last',
      'no network slower than PyTorch: no, b',
      'median ratio at least 2.5: yes, it is 2.50',
      'memory below 800 MiB: no, at most 801',
    ]);
  });

  test('says so where all are faster and the median is low', () => {
    expect(
      formatNetworks([row('a', [1, 2])])
        .split('\n')
        .slice(-3),
    ).toEqual([
      'no network slower than PyTorch: yes',
      'median ratio at least 2.5: no, it is 2.00',
      'memory below 800 MiB: yes, at most 450',
    ]);
  });
});
