import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** Processor time of other programs above which a figure means little: threads that wait for one another lose far more. */
export const mostStrangeShare = 0.05;

/**
 * Watches how much of all cores other programs take: neither this process nor its descendants.
 *
 * @returns a function that gives the share, 0 to 1, since the start; undefined where there is no `/proc`.
 */
export function watchStrangers(): () => number | undefined {
  const start = readTicks();
  const startMs = performance.now();
  return () => {
    const end = readTicks();
    if (start === undefined || end === undefined) return undefined;
    const possible = ((performance.now() - startMs) / 1000) * ticksPerSecond * os.cpus().length;
    return Math.max(0, (end.all - start.all - (end.own - start.own)) / possible);
  };
}

/** How long may still be waited for other programs, over a whole bench. */
export interface Patience {
  leftMs: number;
}

/** Waits, while there is patience, until other programs leave the cores alone for half a second. */
export async function waitForCalm(patience: Patience): Promise<void> {
  while (patience.leftMs > 0) {
    const shareSince = watchStrangers();
    await wait(lookMs);
    if ((shareSince() ?? 0) <= mostStrangeShare) return;
    patience.leftMs -= lookMs;
  }
}

const lookMs = 500;

// Linux counts in hundredths of a second for programs, whatever its own clock.
const ticksPerSecond = 100;

/** Processor time so far, of all programs and of this one with its descendants, those that ended included. */
function readTicks(): { readonly all: number; readonly own: number } | undefined {
  if (process.platform !== 'linux') return undefined;
  const first = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  // user, nice, system, idle, waiting, two kinds of interrupts, and what the machine's host took away
  const [user = 0, nice = 0, system = 0, , , hard = 0, soft = 0, stolen = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const processes = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = new Map(processes.map((name) => [Number(name), readProcess(name)]));
  const isOwn = (pid: number): boolean =>
    pid === process.pid || (pid > 1 && isOwn(found.get(pid)?.parent ?? 0));
  let own = 0;
  for (const [pid, { ticks }] of found) if (isOwn(pid)) own += ticks;
  return { all: user + nice + system + hard + soft + stolen, own };
}

/** Of /proc/PID/stat: the parent, and the time of the process and of its ended children. */
function readProcess(name: string): { readonly parent: number; readonly ticks: number } {
  try {
    const text = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return { parent: 0, ticks: 0 }; // it has ended since
  }
}
