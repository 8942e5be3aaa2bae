import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBlockCoverage } from './block-coverage.ts';
import { writeCorpus } from './corpus.ts';
import { findsFolder } from './finds.ts';
import { type FuzzResult, fuzz } from './fuzzer.ts';
import { targets } from './targets.ts';

/** Fuzzes one reader, or all: `npm run fuzz -- [NAME] [--runs N] [--seconds S] [--seed N]`. Exit code 1 with finds. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
});
const [name] = positionals;
const load = targets[name ?? ''];
if (name === undefined) fuzzAll();
else if (load === undefined) {
  console.error(`fuzz: name one of ${Object.keys(targets).join(', ')}`);
  process.exitCode = 2;
} else {
  // First of all, so that the blocks of every script that follows are counted.
  const profiler = startBlockCoverage();
  const target = await load();
  const result = await fuzz(target, profiler.follow(target), {
    runs: Number(values.runs ?? target.runs ?? 1_000_000),
    seconds: Number(values.seconds ?? Infinity),
    seed: Number(values.seed ?? 1),
    findsFolder,
  });
  writeCorpus(name, result.corpus);
  console.log(`${name}: ${formatResult(result)}`);
  process.exitCode = result.finds.length === 0 ? 0 : 1;
}

/** Each in a process of its own: its memory is its own, and a hang ends only itself. */
function fuzzAll(): void {
  const words = process.argv.slice(2);
  for (const each of Object.keys(targets)) {
    const { status } = spawnSync(
      process.execPath,
      [...process.execArgv, fileURLToPath(import.meta.url), each, ...words],
      { stdio: 'inherit' },
    );
    if (status !== 0) process.exitCode = 1;
  }
}

function formatResult({ inputs, elapsedMs, blocks, corpus, peakMiB, finds }: FuzzResult): string {
  const count = (value: number) => Math.round(value).toLocaleString('en-US');
  const sizeBytes = corpus.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return [
    `${count(inputs)} inputs in ${count(elapsedMs / 1000)} s`,
    `${count((inputs * 1000) / elapsedMs)} a second`,
    `${blocks.run} of ${blocks.known} blocks (${(100 * blocks.share).toFixed(1)} % of the code)`,
    `corpus ${corpus.length} inputs, ${count(sizeBytes)} bytes`,
    `peak ${count(peakMiB)} MiB`,
    `${finds.length} finds`,
  ].join(', ');
}
