import { formatDuration } from '../../core/time.ts';
import { createBar } from '../bar.ts';
import type { Output } from '../output.ts';

/** Shows how far drawing has come: a bar on a terminal, a line each picture elsewhere, nothing with --quiet. */
export interface DrawingProgress {
  /** Part 0 to 1 of what is being drawn now. */
  readonly show: (part: number) => void;
  /** Begins the next one: `step 50`. */
  readonly begin: (what: string) => void;
  /** Ends it, with words about it. */
  readonly finish: (words: string) => void;
  readonly stop: () => void;
}

/** Creates the display for this many things to draw. */
export async function createDrawingProgress(output: Output, total: number): Promise<DrawingProgress> {
  if (!output.isInteractive) {
    return { show: () => {}, begin: () => {}, finish: (words) => output.note(words), stop: () => {} };
  }
  const bar = await createBar('{bar} {percentage} % | t-SNE {what} | {left} left');
  const startMs = performance.now();
  const payload = { what: '', left: '-' };
  let done = 0;
  const update = (part: number) => {
    const whole = done + part;
    if (whole > 0.05) {
      const elapsedMs = performance.now() - startMs;
      payload.left = formatDuration((elapsedMs / whole) * (total - whole));
    }
    bar.update(whole, payload);
  };
  bar.start(total, 0, payload);
  return {
    show: update,
    begin: (what) => {
      payload.what = what;
      update(0);
    },
    finish: () => {
      done++;
      update(0);
    },
    stop: () => bar.stop(),
  };
}
