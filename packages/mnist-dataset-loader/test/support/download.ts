import { onTestFinished, vi } from 'vitest';
import { type DownloadOptions, type DownloadResult, downloadFiles } from '../../src/download.ts';
import type { DownloadEvent } from '../../src/download-event.ts';
import { type SmallDatabase } from './digits.ts';

/** A download of a small database that waits for nothing, and what it told. */
export interface TestDownload {
  readonly run: (options: DownloadOptions) => Promise<DownloadResult>;
  readonly events: readonly DownloadEvent[];
  /** The waits between attempts that it asked for. */
  readonly waitsMs: readonly number[];
}

/** Prepares a download without the environment's proxies; chance is always 0, so that waits are known. */
export function prepareDownload({ sources }: SmallDatabase): TestDownload {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) vi.stubEnv(name, '');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const events: DownloadEvent[] = [];
  const waitsMs: number[] = [];
  const means = { chance: () => 0, wait: async (waitMs: number) => void waitsMs.push(waitMs) };
  const onEvent = (event: DownloadEvent) => void events.push(event);
  return { events, waitsMs, run: async (options) => downloadFiles(sources, { onEvent, ...options }, means) };
}

/** The reasons of all failed attempts, each with what was done about it. */
export function failuresOf(events: readonly DownloadEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'failure' ? [`${event.reason} -> ${event.next}`] : []));
}
