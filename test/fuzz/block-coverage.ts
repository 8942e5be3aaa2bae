import inspector from 'node:inspector';
import type { Target } from './target.ts';

/** Which offsets of each script have run, by its address. */
export type Reach = ReadonlyMap<string, Uint8Array>;

/** The blocks that V8 has counted since the start. */
export interface BlockCoverage {
  /** What has run since the last call; a few milliseconds. */
  readonly take: () => Reach;
  /** How much of the scripts that count has run. */
  readonly count: () => BlockCount;
}

/** Blocks, as far as V8 has told them apart, and the share of the text that they are: both with functions never called. */
export interface BlockCount {
  readonly known: number;
  readonly run: number;
  readonly share: number;
}

/** Starts V8's precise block coverage, to be followed for a target that is loaded only then. */
export function startBlockCoverage(): { readonly follow: (target: Target) => BlockCoverage } {
  const session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return { follow: (target) => follow(session, target) };
}

/** Whether something ran that had not run before. */
export function isNewReach(known: Reach, reach: Reach): boolean {
  for (const [url, painted] of reach) {
    const before = known.get(url);
    for (let at = 0; at < painted.length; at++) if (painted[at] === 1 && before?.[at] !== 1) return true;
  }
  return false;
}

/** What ran beyond what had run before. */
export function newReach(known: Reach, reach: Reach): Reach {
  return new Map(
    [...reach].map(([url, painted]) => {
      const before = known.get(url);
      return [url, painted.map((hasRun, at) => (before?.[at] === 1 ? 0 : hasRun))];
    }),
  );
}

/** Adds what ran to what had run before. */
export function addReach(known: Map<string, Uint8Array>, reach: Reach): void {
  for (const [url, painted] of reach) {
    const before = known.get(url) ?? new Uint8Array(0);
    const sum = before.length >= painted.length ? before : new Uint8Array(painted.length);
    if (sum !== before) sum.set(before);
    for (let at = 0; at < painted.length; at++) if (painted[at] === 1) sum[at] = 1;
    known.set(url, sum);
  }
}

function follow(session: inspector.Session, { scripts, guides = [] }: Target): BlockCoverage {
  const isCounted = (url: string) => scripts.some((end) => url.endsWith(end));
  const isWatched = (url: string) => isCounted(url) || guides.some((part) => url.includes(part));
  const blocks = new Map<string, Map<string, number>>();
  const everRun = new Map<string, Uint8Array>();
  return {
    take: () => {
      const reach = new Map<string, Uint8Array>();
      for (const script of takeScripts(session)) {
        if (!isWatched(script.url)) continue;
        const painted = paint(script);
        reach.set(script.url, painted);
        if (!isCounted(script.url)) continue;
        addReach(everRun, new Map([[script.url, painted]]));
        collectBlocks(blocks, script);
      }
      return reach;
    },
    count: () => {
      let known = 0;
      let run = 0;
      for (const [url, starts] of blocks) {
        known += starts.size;
        for (const start of starts.values()) run += everRun.get(url)?.[start] ?? 0;
      }
      const texts = [...everRun.values()];
      const reached = texts.reduce((sum, text) => sum + text.reduce((count, hasRun) => count + hasRun, 0), 0);
      return { known, run, share: reached / texts.reduce((sum, { length }) => sum + length, 0) };
    },
  };
}

type Script = inspector.Profiler.ScriptCoverage;

function takeScripts(session: inspector.Session): readonly Script[] {
  let scripts: readonly Script[] = [];
  // The session is of this very thread: the answer is here before the call returns.
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    scripts = result;
  });
  return scripts;
}

/** Outer ranges come before inner ones, functions before those inside them. */
function paint(script: Script): Uint8Array {
  const ends = script.functions.map(({ ranges }) => ranges[0]?.endOffset ?? 0);
  const painted = new Uint8Array(Math.max(...ends));
  for (const { ranges } of script.functions) {
    for (const { startOffset, endOffset, count } of ranges)
      painted.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return painted;
}

function collectBlocks(blocks: Map<string, Map<string, number>>, script: Script): void {
  const known = blocks.get(script.url) ?? new Map<string, number>();
  for (const { ranges } of script.functions) {
    for (const { startOffset, endOffset } of ranges) known.set(`${startOffset}-${endOffset}`, startOffset);
  }
  blocks.set(script.url, known);
}
