import type { ChildProcess } from 'node:child_process';
import { formatErrno, TrainerError } from '../core/errors.ts';
import { forkModule } from '../core/fork-module.ts';
import type { DecodeReply, DecodeRequest } from './decoder-messages.ts';

/** What came of a picture: its samples, why it has none, or how the decoder ended over it. */
export type DecoderOutcome = DecodeReply | { readonly type: 'died'; readonly how: string };

/** Children that have nothing to do. */
const idle = new Set<ChildProcess>();

/**
 * Decodes a picture in a child process, which ends at the deadline, by its own clock, and at the signal. Children are kept
 * for the pictures that follow: there are as many as pictures were in work at once.
 *
 * @throws TrainerError `E_OS` where no process can be started; the reason of the signal.
 */
export async function runDecoder(request: DecodeRequest, signal?: AbortSignal): Promise<DecoderOutcome> {
  signal?.throwIfAborted();
  const [kept] = idle;
  const outcome = await ask(kept ?? start(), request, signal);
  // It may have died for a reason of its own: the memory was short, or somebody ended it.
  return outcome.type === 'died' ? ask(start(), request, signal) : outcome;
}

function start(): ChildProcess {
  // Out of the terminal's group: Ctrl-C is for the parent, which says so and then ends the children.
  const child = forkModule(import.meta.url, 'decoder-child', { detached: true });
  return child.once('exit', () => idle.delete(child));
}

function ask(
  child: ChildProcess,
  request: DecodeRequest,
  signal: AbortSignal | undefined,
): Promise<DecoderOutcome> {
  idle.delete(child);
  child.ref();
  child.channel?.ref();
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      signal?.removeEventListener('abort', stop);
      child.off('message', onMessage).off('exit', onExit).off('error', fail);
      action();
    };
    const onMessage = (reply: DecodeReply) =>
      settle(() => {
        if (reply.type !== 'late') keep(child);
        resolve(reply);
      });
    const onExit = (code: number | null, killedBy: NodeJS.Signals | null) =>
      settle(() => resolve({ type: 'died', how: killedBy ?? `exit code ${code}` }));
    const fail = (error: Error) =>
      settle(() =>
        child.pid === undefined ? reject(startError(error)) : resolve({ type: 'died', how: error.message }),
      );
    const stop = () => {
      child.kill('SIGKILL');
      settle(() => reject(signal?.reason));
    };
    signal?.addEventListener('abort', stop);
    child.on('message', onMessage).on('exit', onExit).on('error', fail);
    // Without a process there is no channel, and the error comes by itself.
    if (child.pid !== undefined) child.send(request);
  });
}

/** Keeps a child for the next picture; it holds up no end of the program, and goes with it. */
function keep(child: ChildProcess): void {
  idle.add(child);
  child.unref();
  child.channel?.unref();
}

function startError(error: Error): TrainerError {
  return new TrainerError('E_OS', `cannot start the process that decodes pictures: ${formatErrno(error)}`, {
    hint: 'The system is probably out of memory or processes.',
    cause: error,
  });
}
