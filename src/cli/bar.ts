/** A progress bar on the terminal: the one place that knows who draws it. */
export interface Bar {
  readonly start: (total: number, done: number, values?: Readonly<Record<string, string>>) => void;
  readonly update: (done: number, values?: Readonly<Record<string, string>>) => void;
  readonly stop: () => void;
}

/** Creates a bar on stderr, at most 20 times a second. `format` holds `{bar}`, `{value}`, `{total}`, `{percentage}` and own names. */
export async function createBar(format: string): Promise<Bar> {
  // Loaded when first needed: the command line answers without it.
  const { SingleBar } = await import('cli-progress');
  return new SingleBar({
    format,
    barsize: 24,
    fps: 20,
    hideCursor: true,
    gracefulExit: false,
    stream: process.stderr,
  });
}
