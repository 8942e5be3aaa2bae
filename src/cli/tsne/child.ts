import type { ChildProcess } from 'node:child_process';
import { type ErrorCode, exitCodes, TrainerError } from '../../core/errors.ts';
import { forkModule } from '../../core/fork-module.ts';
import type { TsneReply, TsneRequest, TsneResult } from './messages.ts';

/** The process that computes and draws. */
export interface TsneChild {
  /**
   * Has one request done.
   *
   * @throws TrainerError as the work does, `E_OS` where the process ends before its time; the signal's reason after it.
   */
  readonly run: (request: TsneRequest, onProgress: (part: number) => void) => Promise<TsneResult>;
  readonly stop: () => void;
}

/** Starts the process; the signal ends it. */
export function startTsneChild(signal: AbortSignal): TsneChild {
  const child = forkModule(import.meta.url, 'worker');
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  return {
    run: (request, onProgress) => ask(child, request, { onProgress, signal }),
    stop: () => {
      signal.removeEventListener('abort', kill);
      kill();
    },
  };
}

function ask(
  child: ChildProcess,
  request: TsneRequest,
  { onProgress, signal }: { readonly onProgress: (part: number) => void; readonly signal: AbortSignal },
): Promise<TsneResult> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      child.off('message', onMessage).off('exit', onExit).off('error', reject);
      action();
    };
    const onMessage = (reply: TsneReply) => {
      if (reply.type === 'progress') onProgress(reply.part);
      else if (reply.type === 'done') settle(() => resolve(reply.result));
      else settle(() => reject(toError(reply)));
    };
    const onExit = (code: number | null, death: NodeJS.Signals | null) =>
      settle(() => reject(signal.aborted ? signal.reason : endedEarly(death ?? `exit code ${code}`)));
    if (child.exitCode !== null || child.signalCode !== null) return onExit(child.exitCode, child.signalCode);
    child.on('message', onMessage).on('exit', onExit).on('error', reject);
    child.send(request);
  });
}

function toError({ code, message, details }: Extract<TsneReply, { type: 'failed' }>): Error {
  // An error that is none of ours is a bug, and reported as one.
  if (code === 'E_INTERNAL' || !Object.hasOwn(exitCodes, code)) return new Error(message);
  return new TrainerError(code as ErrorCode, message, details); // the line above has looked
}

function endedEarly(how: string): TrainerError {
  return new TrainerError('E_OS', `the process that draws the t-SNE pictures exited early (${how})`, {
    hint: 'The system may be out of memory. Finished pictures are kept; the same command draws the rest.',
  });
}
