import { formatErrno, TrainerError } from '../core/errors.ts';
import { forkModule } from '../core/fork-module.ts';
import type { Examples } from '../data/split.ts';
import type { BatchRequest, SupplyOrder } from './supply-child.ts';
import type { Variation } from './training-examples.ts';

/** Makes varied batches in a process beside the training, some steps ahead of it. */
export interface BatchSupply {
  /** The examples of the next `count` steps, one after the other. Waits where they are not made yet. */
  readonly take: (count: number) => Promise<readonly Examples[]>;
  readonly dispose: () => void;
}

/** What the steps need. */
export interface SupplyPlan {
  /** The first step that batches are taken for. */
  readonly firstStep: number;
  readonly lastStep: number;
  readonly requestOf: (step: number) => BatchRequest;
}

/** How far ahead batches are made: the memory that they may take, in bytes, and at least so many of them. */
const aheadBytes = 8_000_000;
const leastAhead = 2;

/** Starts the process. `take` throws TrainerError `E_OS` where it has ended. */
export function startSupply(
  examples: Examples,
  variation: Variation,
  { firstStep, lastStep, requestOf }: SupplyPlan,
): BatchSupply {
  // Out of the terminal's group: Ctrl-C is for the training, which needs batches up to its end.
  const child = forkModule(import.meta.url, 'supply-child', { detached: true });
  const made: Examples[] = [];
  let [taken, requested] = [firstStep - 1, firstStep - 1];
  let failure: TrainerError | undefined;
  let waiting: { count: number; resolve: () => void; reject: (reason: TrainerError) => void } | undefined;
  // Answers come in the order of the requests.
  child.on('message', (batch: Examples) => {
    made.push(batch);
    if (waiting !== undefined && made.length >= waiting.count) waiting.resolve();
  });
  const fail = (how: string, cause?: unknown) => {
    failure ??= new TrainerError('E_OS', `the process that varies training images ended: ${how}`, {
      hint: 'The system is probably out of memory or processes.',
      cause,
    });
    waiting?.reject(failure);
  };
  child.on('error', (error) => fail(formatErrno(error), error));
  child.on('exit', (code, signal) => fail(signal ?? `exit code ${code}`));
  const order: SupplyOrder = { examples, variation };
  send(order);
  // It holds up no end of the program, and goes with it.
  child.unref();
  child.channel?.unref();

  function send(message: SupplyOrder | BatchRequest): void {
    if (child.connected) child.send(message, (error) => error && fail(formatErrno(error), error));
  }

  return {
    take: async (count) => {
      taken += count;
      let ahead = leastAhead;
      while (requested < Math.min(taken + ahead, lastStep)) {
        const request = requestOf(++requested);
        ahead = Math.max(leastAhead, Math.floor(aheadBytes / (784 * request.indices.length)));
        send(request);
      }
      if (failure !== undefined) throw failure;
      if (made.length < count) {
        child.channel?.ref();
        await new Promise<void>((resolve, reject) => {
          waiting = { count, resolve, reject };
        });
        child.channel?.unref();
      }
      return made.splice(0, count);
    },
    dispose: () => {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
    },
  };
}
