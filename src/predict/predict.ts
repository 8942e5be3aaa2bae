import { TrainerError } from '../core/errors.ts';
import { decodeImage } from '../image/decode.ts';
import type { PictureFile } from '../image/list-pictures.ts';
import type { Network } from '../model/ensemble.ts';
import type { Choice, DigitReading } from './choose-digits.ts';
import { type Candidates, lookAt, takeCandidates } from './page.ts';
import { choosePages } from './read-digits.ts';
import { renderStages, type Stage } from './stages.ts';

/** What came of one picture: its digits in reading order, no ink at all, or why it cannot be read. */
export type Reading =
  | {
      readonly type: 'digits';
      readonly name: string;
      readonly digits: readonly DigitReading[];
      readonly stages: readonly Stage[] | undefined;
    }
  | { readonly type: 'blank'; readonly name: string; readonly stages: readonly Stage[] | undefined }
  | { readonly type: 'failed'; readonly name: string; readonly error: TrainerError };

export interface PredictOptions {
  /** Asked for when the first picture with ink is there; the probabilities of several are averaged. */
  readonly networks: () => readonly Network[] | Promise<readonly Network[]>;
  readonly readBytes: (name: string) => Uint8Array | Promise<Uint8Array>;
  /** Whether all ink of a picture is one digit. */
  readonly isSingle?: boolean;
  /** Whether each reading keeps its stages, to show them: without, the memory does not grow with the pictures. */
  readonly keepStages?: boolean;
  /** Calls off what is in work. */
  readonly signal?: AbortSignal;
}

const picturesAtOnce = 64;
const decodesAtOnce = 4;

/**
 * Reads the digits off pictures, in their order. They are decoded four at once and classified 64 at once; one that
 * cannot be read gives a reading of its own and does not stop the others.
 *
 * @throws the reason of the signal.
 */
export async function* predictPictures(
  files: Iterable<PictureFile>,
  options: PredictOptions,
): AsyncGenerator<Reading> {
  let batch: Prepared[] = [];
  for await (const prepared of prepareAhead(files, options)) {
    batch.push(prepared);
    if (batch.length < picturesAtOnce) continue;
    yield* readBatch(batch, options);
    batch = [];
  }
  yield* readBatch(batch, options);
}

/** A picture with what may be digits in it, or its reading where there is nothing to ask the network. */
type Prepared =
  | {
      readonly type: 'page';
      readonly name: string;
      readonly candidates: Candidates;
      readonly showStages: ((choice: Choice) => readonly Stage[]) | undefined;
    }
  | Exclude<Reading, { readonly type: 'digits' }>;

/** Keeps four pictures in work and hands them out in order. */
async function* prepareAhead(
  files: Iterable<PictureFile>,
  options: PredictOptions,
): AsyncGenerator<Prepared> {
  const inWork: Promise<Prepared>[] = [];
  for (const file of files) {
    const prepared = preparePicture(file, options);
    // Where all are cancelled, the first one reports it; nobody waits for those after it.
    prepared.catch(() => {});
    inWork.push(prepared);
    if (inWork.length < decodesAtOnce) continue;
    const next = inWork.shift();
    if (next !== undefined) yield await next;
  }
  for (const last of inWork) yield await last;
}

async function preparePicture(file: PictureFile, options: PredictOptions): Promise<Prepared> {
  const { name } = file;
  try {
    if (file.error !== undefined) throw file.error;
    const source = name === '-' ? 'standard input' : name;
    const bytes = await options.readBytes(name);
    const image = await decodeImage({ name: source, bytes }, { signal: options.signal });
    const page = lookAt(image, options.isSingle);
    const showStages =
      options.keepStages === true ? (choice?: Choice) => renderStages(page, choice) : undefined;
    if (page.layouts.length === 0) return { type: 'blank', name, stages: showStages?.() };
    return { type: 'page', name, candidates: takeCandidates(page), showStages };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof TrainerError)) throw error;
    return { type: 'failed', name, error };
  }
}

async function* readBatch(batch: readonly Prepared[], options: PredictOptions): AsyncGenerator<Reading> {
  const pages = batch.flatMap((prepared) => (prepared.type === 'page' ? prepared.candidates : []));
  const choices = pages.length === 0 ? [] : await choosePages(pages, await options.networks());
  let next = 0;
  for (const prepared of batch) {
    const choice = prepared.type === 'page' ? choices[next++] : undefined;
    if (prepared.type !== 'page') yield prepared;
    else if (choice !== undefined) {
      const { name, showStages } = prepared;
      yield { type: 'digits', name, digits: choice.digits, stages: showStages?.(choice) };
    }
  }
}
