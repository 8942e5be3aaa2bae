import { z } from 'zod';

const step = z.number().int().nonnegative();
const elapsedMs = z.number().nonnegative();
const score = z.object({ loss: z.number(), accuracy: z.number().min(0).max(1) });
const best = score.extend({ step });
const v = z.literal(1);

/** One line of `log.jsonl`. The version `v` is of the format; a reader of a later version still reads these. */
export const logLineSchema = z.discriminatedUnion('event', [
  z.object({
    v,
    event: z.literal('started'),
    at: z.string().describe('date and time, ISO 8601'),
    architecture: z.string(),
    parameters: step,
    trainImages: step,
    stepsPerEpoch: step,
    epochs: step,
  }),
  z
    .object({
      v,
      event: z.literal('step'),
      step: step.describe('counts from 1; 0 is the network before the first step'),
      epoch: z.number().nonnegative(),
      elapsedMs,
      learningRate: z.number().nonnegative(),
      train: score.optional().describe("this step's batch, before the update"),
      validation: score.optional(),
      test: score.describe('the first test images, after the update'),
    })
    .describe('a log point'),
  z.object({ v, event: z.literal('checkpoint'), step, reason: z.string(), file: z.string() }),
  z
    .object({ v, event: z.literal('resumed'), step, at: z.string() })
    .describe('readers must discard earlier lines with a later step; at step 0, all of them'),
  z.object({
    v,
    event: z.literal('ended'),
    reason: z.enum(['finished', 'interrupted', 'max-steps', 'time', 'target', 'patience']),
    step,
    elapsedMs,
    best: best.optional(),
  }),
]);

export type LogLine = z.infer<typeof logLineSchema>;
