import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** Ends the process when one input is read for ever, after it has kept the input. */
export interface Watchdog {
  readonly begin: (bytes: Buffer) => void;
  readonly end: () => void;
  readonly stop: () => Promise<unknown>;
}

const limitMs = 10_000;
const mostBytes = 1024 * 1024;

/** Starts the thread that watches. */
export function startWatchdog(target: string, findsFolder: string): Watchdog {
  fs.mkdirSync(findsFolder, { recursive: true });
  const file = path.join(findsFolder, `${target}-hang`);
  const beat = new SharedArrayBuffer(12);
  const input = new SharedArrayBuffer(mostBytes);
  const state = new Int32Array(beat);
  const kept = new Uint8Array(input);
  state[1] = -1;
  const worker = new Worker(new URL('watchdog.mjs', import.meta.url), {
    workerData: { beat, input, file, limitMs },
    execArgv: [],
  });
  worker.unref();
  return {
    begin: (bytes) => {
      kept.set(bytes.subarray(0, mostBytes));
      Atomics.store(state, 1, Math.min(bytes.length, mostBytes));
      Atomics.add(state, 0, 1);
    },
    end: () => void Atomics.store(state, 1, -1),
    stop: async () => worker.terminate(),
  };
}
