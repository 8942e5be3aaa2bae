import { onTestFinished } from 'vitest';
import type { Behavior } from './mirror-behavior.ts';
import { type OpenMirror, openMirror } from './open-mirror.ts';

export type { Behavior } from './mirror-behavior.ts';
export type MirrorServer = Omit<OpenMirror, 'close'>;

/**
 * Starts a mirror on loopback that gzips `payloads` and ends with the test. Request n meets with the nth behavior,
 * later ones with the last.
 */
export async function startMirror(
  payloads: ReadonlyMap<string, Buffer>,
  behaviors: readonly Behavior[] = [{ type: 'serve' }],
): Promise<MirrorServer> {
  const { close, ...mirror } = await openMirror(
    payloads,
    (_, requestsBefore) => behaviors[Math.min(requestsBefore, behaviors.length - 1)] ?? { type: 'serve' },
  );
  onTestFinished(close);
  return mirror;
}
