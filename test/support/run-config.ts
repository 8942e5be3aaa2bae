import type { RunConfig } from '../../src/run/run-config.ts';

/** The config of a small run. */
export function createConfig(given: Partial<RunConfig> = {}): RunConfig {
  return {
    format: 1,
    createdAt: '2026-01-02T03:04:05.678Z',
    options: { arch: 'cnn', epochs: 1, lr: 1e-7, seed: 0, offline: false, mirror: ['a', 'b'], time: 90_000 },
    data: { train: { images: 3, sha256: 'a'.repeat(64) }, test: { images: 2, sha256: 'b'.repeat(64) } },
    versions: { 'mnist-cnn': '0.1.0', node: '20.20.0' },
    machine: { platform: 'linux-x64', cores: 2 },
    resumed: [],
    ...given,
  };
}
