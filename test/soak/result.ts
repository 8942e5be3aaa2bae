import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../../bench/machine.ts';

/** What a long trial has come to: how much was tried, and each thing that was lost. */
export interface SoakResult {
  readonly seed: number;
  readonly tried: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
}

const results = fileURLToPath(new URL('results/', import.meta.url));

/** Has a trial done in a folder of its own, in memory where there is one; prints what it came to and writes it as JSON. */
export async function reportSoak(
  name: string,
  work: (folder: string) => Promise<SoakResult>,
): Promise<SoakResult> {
  console.log(describeMachine());
  const startedMs = performance.now();
  const result = await inOwnFolder(work);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const { seed, tried, lost } = result;
  const counts = Object.entries(tried).map(([what, count]) => `${count.toLocaleString('en-US')} ${what}`);
  for (const what of lost.slice(0, 20)) console.log(`LOST: ${what}`);
  console.log(`${name}: ${counts.join(', ')}; lost ${lost.length}; seed ${seed}, ${seconds} s`);
  fs.mkdirSync(results, { recursive: true });
  const taken = { date: new Date().toISOString(), machine: describeMachine(), seconds, ...result };
  fs.writeFileSync(path.join(results, `${name}.json`), `${JSON.stringify(taken, null, 1)}\n`);
  return result;
}

async function inOwnFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const memory = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(memory, 'mnist-cnn-soak-'));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Has several of one thing done at once, each given its number, and waits for all. */
export async function inLanes(count: number, work: (lane: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, lane) => work(lane)));
}
