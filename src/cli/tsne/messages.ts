import type { EmbeddingOptions } from '../../analyze/embedding.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { EmbeddingScene } from '../../report/embedding-animation.ts';
import type { EmbeddingWords } from '../../report/embedding-picture.ts';

/** Asks for one map: features to positions, to files. */
export interface MapRequest {
  readonly type: 'map';
  readonly folder: string;
  /** Of the files, without ending. */
  readonly name: string;
  readonly words: EmbeddingWords;
  readonly options: Omit<EmbeddingOptions, 'start'>;
  /** [count, width] */
  readonly features: Float32Array;
  readonly labels: Uint8Array;
  readonly predictions: Uint8Array;
  /** Where points begin, [count, 2]: in the picture before; at the principal components unless given. */
  readonly start?: Float64Array;
  /** Where the files for TensorBoard's projector go, with the images, [count, 28, 28]; none unless given. */
  readonly projector?: { readonly folder: string; readonly images: Uint8Array };
}

/** Asks for an animation of maps. */
export interface AnimationRequest {
  readonly type: 'animation';
  readonly file: string;
  readonly scenes: readonly EmbeddingScene[];
}

/** The requests to the child process, one at a time. */
export type TsneRequest = MapRequest | AnimationRequest;

/** What came of it. */
export interface TsneResult {
  /** [count, 2] of a map, empty of an animation. */
  readonly positions: Float64Array;
  readonly divergence: number;
  readonly files: readonly string[];
}

/** What the child process answers: any number of `progress`, then one of the others. */
export type TsneReply =
  | { readonly type: 'progress'; readonly part: number }
  | { readonly type: 'done'; readonly result: TsneResult }
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly details: ErrorDetails;
    };
