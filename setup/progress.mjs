/** @typedef {ReturnType<typeof createProgress>} Progress */

/** A reporter of stages: a moving bar on a terminal, one line a stage elsewhere, nothing when `quiet`. */
export function createProgress(
  /** @type {{ stream: NodeJS.WriteStream, quiet?: boolean | undefined }} */ { stream, quiet },
) {
  const moving = !quiet && stream.isTTY && process.env.TERM !== 'dumb';
  /** @type {{ title: string, startedMs: number, drawnMs: number } | undefined} */
  let stage;

  const write = (text) => {
    if (!quiet) stream.write(text);
  };
  const close = (ending) => {
    if (stage === undefined) return;
    write(moving ? `\r\x1b[K${stage.title}${ending}\n` : `${ending}\n`);
    stage = undefined;
  };
  return {
    /** Begins a stage; the line stays open until the next, `done` or `fail`. */
    begin(/** @type {string} */ title) {
      close('');
      stage = { title: `setup: ${title}`, startedMs: performance.now(), drawnMs: 0 };
      write(moving ? stage.title : `${stage.title} ... `);
    },
    /** Moves the bar, at most ten times a second. */
    update(/** @type {number} */ doneBytes, /** @type {number} */ totalBytes) {
      const nowMs = performance.now();
      if (!moving || stage === undefined || nowMs - stage.drawnMs < 100) return;
      stage.drawnMs = nowMs;
      const line = `${stage.title} ${formatBar(doneBytes, totalBytes, nowMs - stage.startedMs)}`;
      write(`\r\x1b[K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    },
    /** Ends the stage with what came of it. */
    done(result = 'done') {
      if (stage === undefined) return;
      const seconds = ((performance.now() - stage.startedMs) / 1000).toFixed(1);
      close(moving ? `: ${result} (${seconds} s)` : `${result} (${seconds} s)`);
    },
    /** Ends the stage's line where an error follows, or the user's own stop. */
    fail(word = 'failed') {
      close(moving ? `: ${word}` : word);
    },
    /** A line of its own. */
    say(/** @type {string} */ text) {
      close('');
      write(`setup: ${text}\n`);
    },
  };
}

function formatBar(doneBytes, totalBytes, elapsedMs) {
  const width = 20;
  const part = Math.min(1, doneBytes / totalBytes);
  const filled = Math.round(part * width);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
  const leftSeconds = part > 0 ? Math.ceil((elapsedMs / 1000) * (1 / part - 1)) : 0;
  const left = part > 0.02 && part < 1 ? `, ${leftSeconds} s left` : '';
  return `${bar} ${Math.floor(part * 100)} %${left}`;
}
