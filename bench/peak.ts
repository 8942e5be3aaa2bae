import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Architecture } from '../src/model/architectures.ts';
import { product } from '../src/model/layers/layer-shape.ts';
import { followShapes } from '../src/model/shapes.ts';
import type { Program } from './worker.ts';

/** Compiles bench/peak.cc into `folder`, for this machine. @throws Error where no compiler does it. */
export function compilePeak(folder: string): Program {
  const command = path.join(folder, 'peak');
  const source = fileURLToPath(new URL('peak.cc', import.meta.url));
  const words = ['-O3', '-std=c++17', '-march=native', '-ffp-contract=fast', '-pthread', '-Wno-psabi'];
  const compiler = process.env['CXX'] ?? 'c++';
  const { status, stderr } = spawnSync(compiler, [...words, source, '-o', command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compiler} does not compile bench/peak.cc:\n${stderr}`);
  return { command, words: [] };
}

/**
 * Floating-point operations of a step without any left out: each layer with weights multiplies and adds once forward, once
 * for its weights' gradient and, but for the first, once for its input's.
 */
export function countFlops(architecture: Architecture, batchSize: number): number {
  const layers = followShapes(architecture).filter(({ weights }) => weights.length > 0);
  const multiplications = layers.map(({ layer, weights, outputShape }) => {
    const size = product(weights[0]?.shape ?? []);
    return layer.type === 'conv2d' ? size * product(outputShape.slice(0, 2)) : size;
  });
  const sum = multiplications.reduce((total, count, index) => total + count * (index === 0 ? 2 : 3), 0);
  return sum * batchSize * 2;
}
