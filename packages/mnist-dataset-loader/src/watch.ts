import { FetchError } from './fetch-error.ts';
import type { DownloadLimits } from './limits.ts';

/** Keeps the time of one attempt and aborts it when it stalls, crawls, lasts too long or is called off. */
export interface Watch {
  /** Aborted when the attempt is over time or called off. */
  readonly signal: AbortSignal;
  /** Tells that bytes came. */
  readonly receive: (countBytes: number) => void;
  /** Why the attempt was aborted: a FetchError, or the reason of the caller's signal. */
  readonly failure: () => unknown;
  readonly stop: () => void;
}

/** Starts the watch over one attempt. */
export function watchTransfer(limits: DownloadLimits, signal: AbortSignal | undefined): Watch {
  const controller = new AbortController();
  // The two halves of the window in which the speed is measured.
  let [earlierBytes, laterBytes]: [number | undefined, number] = [undefined, 0];
  const abort = (reason: string) => controller.abort(new FetchError(reason, 'retry'));
  const callOff = () => controller.abort(signal?.reason);
  const idle = setTimeout(() => abort(`no data for ${limits.idleMs / 1000} s`), limits.idleMs);
  const deadline = setTimeout(
    () => abort(`not finished within ${limits.attemptMs / 1000} s`),
    limits.attemptMs,
  );
  const floorBytes = (limits.floorBytesPerSecond * limits.floorWindowMs) / 1000;
  const floor = setInterval(() => {
    // A mirror that has fallen silent is not slow: the other watch reports it.
    const isSlow = earlierBytes !== undefined && laterBytes > 0 && earlierBytes + laterBytes < floorBytes;
    if (isSlow) abort(`slower than ${limits.floorBytesPerSecond} bytes a second`);
    [earlierBytes, laterBytes] = [laterBytes, 0];
  }, limits.floorWindowMs / 2);
  if (signal?.aborted === true) callOff();
  signal?.addEventListener('abort', callOff);
  return {
    signal: controller.signal,
    receive: (countBytes) => {
      laterBytes += countBytes;
      idle.refresh();
    },
    failure: () => (controller.signal.aborted ? controller.signal.reason : undefined),
    stop: () => {
      clearTimeout(idle);
      clearTimeout(deadline);
      clearInterval(floor);
      signal?.removeEventListener('abort', callOff);
    },
  };
}
