import type { DownloadEvent } from '#mnist-dataset-loader';
import { type DataOptions, fetchMnist, type LoadedExamples, loadExamples } from '../data/load-examples.ts';
import type { ShownExample } from '../data/oddities.ts';
import { createBar } from './bar.ts';
import { formatCommand } from './command-line.ts';
import type { Output } from './output.ts';
import { loadPicturesWithProgress } from './picture-progress.ts';

/** Loads the digits that the options name, shows a download where one is needed, and passes warnings on. */
export async function loadWithProgress(
  options: DataOptions,
  output: Output,
  signal: AbortSignal,
): Promise<LoadedExamples> {
  const loadPictures = (folder: string) => loadPicturesWithProgress(folder, output, signal);
  const examples = await showDownload(output, (onEvent) =>
    loadExamples(options, { onEvent, signal, loadPictures }),
  );
  for (const note of examples.notes ?? []) output.note(note);
  for (const { message, example } of examples.warnings) {
    output.warn(message, example && showCommand(options, example));
  }
  return examples;
}

/** Fetches the MNIST files that are missing or damaged, as the options say, and shows it. */
export function fetchWithProgress(
  options: Omit<DataOptions, 'dataset'>,
  output: Output,
  signal: AbortSignal,
): ReturnType<typeof fetchMnist> {
  return showDownload(output, (onEvent) => fetchMnist(options, { onEvent, signal }));
}

/** The command that shows an example of these data. */
export function showCommand(options: DataOptions, { split, index }: ShownExample): string {
  const { dataset, dataDir, transpose } = options;
  const place = dataset === 'mnist' && dataDir !== 'data' ? { dataDir } : {};
  return formatCommand('show', { flags: { dataset, ...place, transpose, split, index } });
}

/** Shows a download: a bar a file on a terminal, one line each elsewhere. Failed mirrors are named in any case. */
async function showDownload<Result>(
  output: Output,
  download: (onEvent: (event: DownloadEvent) => void) => Promise<Result>,
): Promise<Result> {
  const bar = output.isInteractive ? await createBar('{file} {bar} {percentage} %') : undefined;
  let shown: string | undefined;
  const stop = () => {
    if (shown !== undefined) bar?.stop();
    shown = undefined;
  };
  const show = (event: DownloadEvent) => {
    if (event.type === 'progress') {
      const { file, receivedBytes, totalBytes = receivedBytes } = event;
      if (shown !== file) {
        stop();
        bar?.start(totalBytes, 0, { file });
        shown = file;
      }
      bar?.update(receivedBytes);
      return;
    }
    stop();
    if (event.type === 'damaged') {
      output.warn(
        `${event.file} is damaged (${event.reason}), fetching it again; the damaged file is kept as ${event.keptAs}`,
      );
    }
    if (event.type === 'failure') output.note(formatFailure(event));
    if (event.type === 'done') output.note(`fetched ${event.file} from ${event.mirror}`);
  };
  return download(show).finally(stop);
}

function formatFailure(event: Extract<DownloadEvent, { type: 'failure' }>): string {
  const next = {
    retry: `trying again in ${(event.waitMs / 1000).toFixed(1)} s`,
    'next-mirror': 'trying the next mirror',
    'give-up': 'no mirrors left',
  };
  const attempt = event.attempts > 1 ? ` (attempt ${event.attempt} of ${event.attempts})` : '';
  return `${event.mirror}: ${event.reason}${attempt}, ${next[event.next]}`;
}
