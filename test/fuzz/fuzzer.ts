import fs from 'node:fs';
import { random } from '../../src/core/random.ts';
import { addReach, type BlockCount, type BlockCoverage, isNewReach } from './block-coverage.ts';
import { type CorpusEntry, readCorpus } from './corpus.ts';
import { writeFind } from './finds.ts';
import { judge } from './judgement.ts';
import { minimizeCorpus } from './minimized-corpus.ts';
import { createMutator } from './mutator.ts';
import type { Target } from './target.ts';
import { startWatchdog } from './watchdog.ts';

/** How long to search, and where to begin. */
export interface FuzzLimits {
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  /** Where finds are written. */
  readonly findsFolder: string;
}

/** What a search came to. */
export interface FuzzResult {
  readonly inputs: number;
  readonly elapsedMs: number;
  readonly blocks: BlockCount;
  readonly corpus: readonly CorpusEntry[];
  /** The most memory that the process has held, in MiB. */
  readonly peakMiB: number;
  readonly finds: readonly string[];
}

const smallestBatch = 250;
const largestBatch = 4000;
const readsAtOnce = 200;
/** Inputs that are kept for the shape of their error alone. */
const mostShapes = 300;
const mostFinds = 20;
const mostMemoryMiB = 512;

/**
 * Reads mutations of what is known until the limits are reached. Coverage is asked for once a batch; where it grew, the
 * batch is halved until the inputs that did it are found. The same seed gives the same inputs.
 */
export async function fuzz(target: Target, coverage: BlockCoverage, limits: FuzzLimits): Promise<FuzzResult> {
  const startMs = performance.now();
  // Most inputs end in an error, and a stack costs more than the reading.
  Error.stackTraceLimit = 0;
  const watchdog = startWatchdog(target.name, limits.findsFolder);
  const seeds = await target.seeds();
  const stored = readCorpus(target.name);
  const corpus = [...seeds, ...stored.map(({ bytes }) => bytes)];
  const fresh: Buffer[] = [];
  const shapes = new Set<string>();
  const finds = new Map<string, string>();
  const known = new Map<string, Uint8Array>();
  const numbers = random(limits.seed, `fuzz/${target.name}`);
  const mutate = createMutator(target);

  let reads = 0;

  const read = async (bytes: Buffer): Promise<string> => {
    reads += 1;
    if (reads % readsAtOnce === 0) await letGo();
    watchdog.begin(bytes);
    const { fault: found, shape } = await judge(target, bytes);
    const fault = found === undefined ? undefined : await explain(found, target, bytes);
    watchdog.end();
    const kind = fault?.replaceAll(/\d+/g, '0').slice(0, 200);
    if (fault !== undefined && kind !== undefined && !finds.has(kind) && finds.size < mostFinds) {
      finds.set(kind, `${fault}\n  ${writeFind(limits.findsFolder, target.name, { bytes, fault })}`);
      process.stderr.write(`find: ${finds.get(kind)}\n`);
    }
    return shape;
  };
  const readAll = async (batch: readonly Buffer[]) => {
    for (const bytes of batch) await read(bytes);
    return coverage.take();
  };
  const keep = (bytes: Buffer) => {
    // What is kept must not be a view of a pool.
    const copy = Buffer.from(bytes);
    corpus.push(copy);
    fresh.push(copy);
  };
  /** Keeps the inputs of a batch that reach something new. */
  const search = async (batch: readonly Buffer[]): Promise<void> => {
    const reach = await readAll(batch);
    if (!isNewReach(known, reach)) return;
    if (batch.length > 1) return searchHalves(batch);
    addReach(known, reach);
    batch.forEach(keep);
  };
  const searchHalves = async (batch: readonly Buffer[]): Promise<void> => {
    const middle = batch.length >> 1;
    await search(batch.slice(0, middle));
    await search(batch.slice(middle));
  };

  for (const bytes of corpus) shapes.add(await read(bytes));
  addReach(known, coverage.take());
  let inputs = corpus.length;
  let batchSize = smallestBatch;
  while (inputs < limits.runs && performance.now() - startMs < limits.seconds * 1000) {
    const batch: Buffer[] = [];
    for (let count = Math.min(batchSize, limits.runs - inputs); count > 0; count--) {
      const bytes = mutate(choose(corpus, numbers), numbers, choose(corpus, numbers));
      const shape = await read(bytes);
      batch.push(bytes);
      if (shapes.has(shape) || shapes.size >= mostShapes) continue;
      shapes.add(shape);
      keep(bytes);
    }
    inputs += batch.length;
    const reach = coverage.take();
    const isNew = isNewReach(known, reach);
    if (isNew) await searchHalves(batch);
    // What only a whole batch reaches (a cache that fills) would be searched for ever.
    addReach(known, reach);
    batchSize = isNew ? smallestBatch : Math.min(batchSize * 2, largestBatch);
    if (peakMiB() > mostMemoryMiB && !finds.has('memory')) {
      finds.set('memory', `${Math.round(peakMiB())} MiB after ${inputs} inputs of seed ${limits.seed}`);
    }
  }
  const elapsedMs = performance.now() - startMs;
  await watchdog.stop();
  return {
    inputs,
    elapsedMs,
    blocks: coverage.count(),
    corpus: await minimizeCorpus(target, coverage, { seeds, stored, fresh }),
    peakMiB: peakMiB(),
    finds: [...finds.values()],
  };
}

/** The same fault once more, now with the stack that led to it. */
async function explain(found: string, target: Target, bytes: Buffer): Promise<string> {
  Error.stackTraceLimit = 30;
  const { fault = `${found} (but not when it was read again)` } = await judge(target, bytes);
  Error.stackTraceLimit = 0;
  return fault;
}

/** Lets Node end what it has put off, such as closing unpackers, which hold memory. */
async function letGo(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}

function choose(corpus: readonly Buffer[], numbers: { readonly integer: (limit: number) => number }): Buffer {
  return corpus[numbers.integer(corpus.length)] ?? Buffer.alloc(0);
}

/** On Linux a child inherits the `maxRSS` of the process that started it; `VmHWM` counts its own memory alone. */
function peakMiB(): number {
  const status = '/proc/self/status';
  const own = fs.existsSync(status) ? /VmHWM:\s*(\d+)/.exec(fs.readFileSync(status, 'utf8'))?.[1] : undefined;
  return Number(own ?? process.resourceUsage().maxRSS) / 1024;
}
