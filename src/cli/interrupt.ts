import type { Output } from './output.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/**
 * Runs a command that can be stopped. The first signal is answered at once with `words` and aborts what the action was
 * given; when the action has ended, the process ends as the signal would have ended it. A second signal ends it on the
 * spot. A closed stdout (`| head -1`) counts as a signal, too, without words.
 */
export async function runInterruptible<Result>(
  output: Output,
  words: string,
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const controller = new AbortController();
  let first: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (first !== undefined && signal !== 'SIGPIPE') return end(signal, stop);
    if (first !== undefined) return;
    first = signal;
    if (signal === 'SIGINT' || signal === 'SIGTERM') output.alert(words);
    controller.abort(signal);
  };
  for (const name of signals) process.on(name, stop);
  try {
    return await action(controller.signal);
  } catch (error) {
    if (error !== controller.signal.reason || first === undefined) throw error;
    return undefined;
  } finally {
    if (first !== undefined) end(first, stop);
    for (const name of signals) process.removeListener(name, stop);
  }
}

/** Ends the process by the signal's default, so that the shell sees a death by this signal and stops its loops. */
function end(signal: NodeJS.Signals, stop: (signal: NodeJS.Signals) => void): void {
  for (const name of signals) process.removeListener(name, stop);
  if (signal === 'SIGPIPE') process.exit(141); // Node ignores the real one
  process.kill(process.pid, signal);
}
