import type { Samples } from './color.ts';

/** A picture whose headers were found sound, for the process that decodes. */
export interface DecodeRequest {
  readonly bytes: Uint8Array;
  /** Larger pictures are reduced so that their longer side has at most this many pixels; none are by default. */
  readonly maxSide?: number;
  /** A decoding that takes longer ends itself. */
  readonly deadlineMs: number;
}

/** What came of it; `reason` in the decoder's words. */
export type DecodeReply =
  | { readonly type: 'decoded'; readonly samples: Samples }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'late' };
