import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import { checkFormat } from '../core/format-version.ts';

const count = z.number().int().nonnegative();
const dataSplit = z.object({ images: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** The percentiles of familiarity that are stored. */
export const familiarityPercents = [0.1, 0.4, 1, 5, 50] as const;

const calibrationSchema = z.object({
  /** The images that this was measured on: held out, or, where there are none, the first of those trained on. */
  from: z.enum(['validation', 'training']),
  images: count,
  /** What to divide the logits by before softmax; absent, which means 1, if no images were held out. */
  temperature: z.number().positive().optional(),
  /** The expected calibration error that it leaves on these images, 0 to 1; 15 bins of equal width. */
  error: z.number().min(0).max(1).optional(),
  /** Rising percentiles of the log-sum-exp of an image's logits; far below them, it is unlike the training data. */
  familiarity: z.array(z.object({ percent: z.number().min(0).max(100), value: z.number() })).max(100),
});

/** How far a model's scores can be trusted. */
export type Calibration = z.infer<typeof calibrationSchema>;

/** What `metadata.json` next to a model says: how to feed it, what it answers, and how good it was. */
const metadataSchema = z.object({
  format: z.literal(1),
  architecture: z.string().max(100),
  labels: z.array(z.string().max(100)).min(10).max(19),
  input: z.object({
    height: z.literal(28),
    /** Of one digit, or of two side by side. */
    width: z.literal([28, 56]),
    channels: z.literal(1),
    /** What a pixel byte becomes: `byte * scale + offset`. */
    scale: z.number(),
    offset: z.number(),
  }),
  /** What the last layer gives: softmax turns it into probabilities. */
  output: z.literal('logits'),
  parameters: count,
  /** SHA-256 of the weights, so that nobody takes one model's metadata for another's. */
  weightsSha256: z.string().regex(/^[0-9a-f]{64}$/),
  trained: z.object({
    dataset: z.string().max(1000),
    steps: count,
    epochs: z.number().nonnegative(),
    seed: count,
    /** Whether the images were transposed before training, as EMNIST's must be. */
    transpose: z.boolean().optional(),
    /** Number and SHA-256 of the images; absent in models of the first versions. */
    data: z.object({ train: dataSplit, test: dataSplit }).optional(),
  }),
  /** Of these very weights; absent where they were not measured, between two log points. */
  scores: z.object({
    /** On the test images measured at log points. */
    test: z.object({ loss: z.number(), accuracy: z.number(), images: count }).optional(),
    validation: z.object({ loss: z.number(), accuracy: z.number(), images: count }).optional(),
  }),
  /** Of these very weights; absent in models of earlier versions, of sums, and of trainings that have not ended. */
  calibration: calibrationSchema.optional(),
  versions: z.record(z.string().max(100), z.string().max(100)),
});

export type Metadata = z.infer<typeof metadataSchema>;

/** How to take a model's logits. */
export interface Trust {
  /** What to divide them by before softmax. */
  readonly temperature: number;
  /** The log-sum-exp below which an image is unlike the training data; `undefined` if that was not measured. */
  readonly floor: number | undefined;
}

/**
 * How to take the logits of a model with this metadata: as they are, and without a floor, if it has no calibration.
 * `percent` is how many of a hundred digits lie below the floor.
 */
export function trustOf(
  metadata: Pick<Metadata, 'calibration'> | undefined,
  percent: (typeof familiarityPercents)[number] = 0.4,
): Trust {
  const { temperature = 1, familiarity = [] } = metadata?.calibration ?? {};
  return { temperature, floor: familiarity.find((each) => each.percent === percent)?.value };
}

/** Checks a parsed `metadata.json`. @throws TrainerError `E_MODEL_VERSION`, or `E_MODEL_FORMAT` naming the first wrong entry. */
export function parseMetadata(value: unknown, path: string): Metadata {
  checkFormat(value, { file: path, key: 'format' });
  const result = metadataSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TrainerError(
    'E_MODEL_FORMAT',
    `cannot read metadata.json: ${escapeText(issue?.path.join('.') || 'it')}: ${issue?.message ?? ''}`,
    { path },
  );
}
