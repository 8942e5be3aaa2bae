import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** The first message to every worker. */
export interface WorkerStart {
  /** Of `writeInputs`. */
  readonly folder: string;
  readonly threads: number;
  /** One of the worker's own ways to work: `auto`, `fused`, `channels-last` and so on. */
  readonly setting: string;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** A piece of work: so many more steps of training, or so many test images to classify. */
export type Task =
  | { readonly type: 'train'; readonly steps: number; readonly withoutDropout?: boolean }
  | { readonly type: 'evaluate'; readonly images: number; readonly batchSize: number }
  | { readonly type: 'multiply'; readonly flops: number };

/** A process that works in turns and measures itself, so that starting it counts for nothing. */
export interface Worker {
  readonly version: string;
  readonly ask: (task: Task) => Promise<Answer>;
  readonly stop: () => void;
}

const answerSchema = z.object({
  ms: z.number(),
  losses: z.array(z.number()).optional(),
  correct: z.number().optional(),
  peakMiB: z.number().optional(),
});

/** Milliseconds, and what the work gave: each step's loss, or the number of right answers; ours, its process's peak memory. */
export type Answer = z.infer<typeof answerSchema>;

/** The program of a worker. */
export interface Program {
  readonly command: string;
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a worker and waits until it is ready. @throws Error with the end of its output where it ends by itself. */
export async function startWorker(program: Program, start: WorkerStart): Promise<Worker> {
  const child = spawn(program.command, [...program.words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...program.environment },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000);
  });
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Libraries may print as well; an answer is an object.
    if (line.startsWith('{')) waiting.shift()?.resolve(line);
  });
  child.on('close', (code) => {
    for (const { reject } of waiting)
      reject(new Error(`${program.words.join(' ')} ended with ${code}:\n${errors}`));
  });
  const send = async (message: object): Promise<unknown> => {
    const line = await new Promise<string>((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(message)}\n`);
    });
    return JSON.parse(line);
  };
  const { version } = z.object({ version: z.string() }).parse(await send(start));
  return {
    version,
    ask: async (task) => answerSchema.parse(await send(task)),
    stop: () => {
      child.stdin.end();
      child.kill();
    },
  };
}
