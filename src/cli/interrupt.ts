import type { Output } from './output.ts';

/** Signals that ask a command to stop. */
export interface Interrupt {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Ends the process as the signal would have, once everything is saved; does nothing where none came. */
  readonly reraise: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/**
 * Listens to signals: the first asks the command to stop and says so at once, the second ends the process.
 * A closed stdout (`| head -1`) counts as a signal, too, without words.
 */
export function listenForInterrupt(output: Output, words: string): Interrupt {
  const controller = new AbortController();
  let first: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals) => {
    // The default handler, so that the shell sees a death by this signal and stops its loops.
    for (const name of signals) process.removeListener(name, stop);
    if (signal === 'SIGPIPE') process.exit(141); // Node ignores the real one
    process.kill(process.pid, signal);
  };
  const stop = (signal: NodeJS.Signals) => {
    if (first !== undefined && signal !== 'SIGPIPE') return end(signal);
    if (first !== undefined) return;
    first = signal;
    if (signal !== 'SIGPIPE' && signal !== 'SIGHUP') output.alert(words);
    controller.abort(signal);
  };
  for (const name of signals) process.on(name, stop);
  return {
    signal: controller.signal,
    reraise: () => {
      if (first !== undefined) end(first);
    },
  };
}
