// Run by fuzzer.test.ts in a process of its own, since two takers of coverage would take it from each other.
import { startBlockCoverage } from './block-coverage.ts';
import { fuzz } from './fuzzer.ts';
import type { Target } from './target.ts';

const [, , findsFolder = ''] = process.argv;
const profiler = startBlockCoverage();
const { readMaze } = await import('./maze-reader.ts');
const maze: Target = {
  name: 'maze',
  seeds: () => [Buffer.alloc(8)],
  run: readMaze,
  errors: [],
  scripts: ['test/fuzz/maze-reader.ts'],
};
const limits = { runs: 40_000, seconds: 60, seed: 5, findsFolder };
const blind = { ...maze, scripts: [] };
const results = [];
for (const target of [maze, maze, blind]) {
  const { inputs, finds } = await fuzz(target, profiler.follow(target), limits);
  results.push({ inputs, finds: finds.map((find) => find.split('\n')[0]) });
}
console.log(JSON.stringify(results));
