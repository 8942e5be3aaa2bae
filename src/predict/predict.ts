import { TrainerError } from '../core/errors.ts';
import { softmax } from '../core/softmax.ts';
import { decodeImage } from '../image/decode.ts';
import type { PictureFile } from '../image/list-pictures.ts';
import { centerDigit } from './center-digit.ts';
import { renderStages, type Stage } from './stages.ts';

/** A network as prediction needs it: bytes `[n, 28, 28]` -> logits `[n, 10]`. */
export type Classifier = (images: Uint8Array) => Float32Array | Promise<Float32Array>;

/** A digit with its probability. */
export interface RankedDigit {
  readonly digit: number;
  readonly score: number;
}

/** What came of one picture: a digit, no ink at all, or why it cannot be read. */
export type Reading =
  | {
      readonly type: 'digit';
      readonly name: string;
      /** All ten, the most probable first. */
      readonly ranking: readonly RankedDigit[];
      readonly stages: readonly Stage[] | undefined;
    }
  | { readonly type: 'blank'; readonly name: string; readonly stages: readonly Stage[] | undefined }
  | { readonly type: 'failed'; readonly name: string; readonly error: TrainerError };

export interface PredictOptions {
  readonly classify: Classifier;
  readonly readBytes: (name: string) => Uint8Array | Promise<Uint8Array>;
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
    yield* classifyBatch(batch, options);
    batch = [];
  }
  yield* classifyBatch(batch, options);
}

/** Probabilities of logits, by softmax, the most probable digit first; of equals the smaller one. */
export function rankDigits(logits: Float32Array): readonly RankedDigit[] {
  return Array.from(softmax(logits), (score, digit) => ({ digit, score })).sort(
    (one, other) => other.score - one.score || one.digit - other.digit,
  );
}

/** A picture ready for the network, or its reading where there is nothing to ask the network. */
type Prepared =
  | {
      readonly type: 'framed';
      readonly name: string;
      readonly framed: Uint8Array;
      readonly stages: readonly Stage[] | undefined;
    }
  | Exclude<Reading, { readonly type: 'digit' }>;

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
    const digit = centerDigit(image);
    const stages = options.keepStages === true ? renderStages(digit) : undefined;
    return digit.blank
      ? { type: 'blank', name, stages }
      : { type: 'framed', name, framed: digit.framed, stages };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof TrainerError)) throw error;
    return { type: 'failed', name, error };
  }
}

async function* classifyBatch(batch: readonly Prepared[], options: PredictOptions): AsyncGenerator<Reading> {
  const framed = batch.filter((prepared) => prepared.type === 'framed');
  const images = new Uint8Array(framed.length * 784);
  framed.forEach((prepared, index) => images.set(prepared.framed, index * 784));
  const logits = framed.length === 0 ? new Float32Array(0) : await options.classify(images);
  let row = 0;
  for (const prepared of batch) {
    if (prepared.type !== 'framed') yield prepared;
    else {
      const { name, stages } = prepared;
      yield { type: 'digit', name, ranking: rankDigits(logits.subarray(row * 10, row * 10 + 10)), stages };
      row += 1;
    }
  }
}
