import { errnoOf, formatErrno, TrainerError } from './errors.ts';

/**
 * Which limit of the process an error from elsewhere reports: open files, memory, or Node's permission model; `undefined` where it
 * is no such error.
 */
export function explainLimit(error: unknown): TrainerError | undefined {
  if (isForbidden(error)) {
    return new TrainerError('E_OS', `cannot continue: Node's permission model forbids ${error.permission}`, {
      hint: 'The flag --permission, here or in NODE_OPTIONS, turned it on. Allow it, or run without the flag:',
      command: 'unset NODE_OPTIONS',
      cause: error,
    });
  }
  const text = collectMessages(error);
  if (['EMFILE', 'ENFILE'].includes(errnoOf(error) ?? '') || /too many open files/i.test(text)) {
    const words = errnoOf(error) === undefined ? 'too many open files in this process' : formatErrno(error);
    return new TrainerError('E_IO', `cannot continue: ${words}`, {
      hint: 'Raise the limit in this shell and try again:',
      command: 'ulimit -n 1024',
      cause: error,
    });
  }
  if (errnoOf(error) !== 'ENOMEM' && !outOfMemory.test(text)) return undefined;
  return new TrainerError('E_OS', 'cannot continue: there is not enough memory', {
    hint: 'Raise the limit (ulimit -v, or that of the container), or close other programs. Saved files are intact: --resume continues the run.',
    cause: error,
  });
}

function isForbidden(error: unknown): error is Error & { readonly permission: string } {
  return (
    error instanceof Error && 'permission' in error && 'code' in error && error.code === 'ERR_ACCESS_DENIED'
  );
}

/** The words of the C library's loader, of V8 and of the C++ library. */
const outOfMemory =
  /failed to map segment|cannot allocate memory|array buffer allocation failed|std::bad_alloc/i;

function collectMessages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${collectMessages(error.cause)}`;
}
