import type { Random } from '../../src/core/random.ts';

/** A change of an input; `other` is another one of the corpus. `undefined` where it does not apply. */
export type Mutation = (bytes: Buffer, numbers: Random, other: Buffer) => Buffer | undefined;

/** A reader of bytes from outside, and what the fuzzer has to know of it. */
export interface Target {
  readonly name: string;
  /** Inputs to start from: valid ones of every kind, and some that are nearly so. */
  readonly seeds: () => readonly Buffer[] | Promise<readonly Buffer[]>;
  /** Reads an input as the product does. It may throw what `errors` names; anything else is a find. */
  readonly run: (bytes: Buffer) => void | Promise<void>;
  /** The words of the errors that a bad input may end in. */
  readonly errors: readonly string[];
  /** Ends of the paths of the scripts whose blocks are counted. */
  readonly scripts: readonly string[];
  /** Parts of paths of other scripts, of a library, say, whose blocks guide the search but are not counted. */
  readonly guides?: readonly string[];
  /** Changes that know the format; half of all changes are of these. */
  readonly mutations?: readonly Mutation[];
  /** Words of the format, to be put anywhere. */
  readonly words?: readonly (string | Uint8Array)[];
  /** Makes checksums and sizes fit again, so that what lies behind them is reached. */
  readonly repair?: (bytes: Buffer) => Buffer | undefined;
  /** Longer inputs are not made; 4,096 unless told. */
  readonly maxBytes?: number;
  /** Inputs of a run that names no number; a million unless told. */
  readonly runs?: number;
  /** Inputs in `npm test`; 200 unless told. */
  readonly replays?: number;
}
