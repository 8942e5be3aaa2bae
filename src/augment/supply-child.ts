/** The process of supply.ts: its first message is what to vary, each one behind it a batch to make. */
import type { Examples } from '../data/split.ts';
import { createTakeBatch, type TakeBatch, type Variation } from './training-examples.ts';

/** What it varies. */
export interface SupplyOrder {
  readonly examples: Examples;
  readonly variation: Variation;
}

/** A batch to make. */
export interface BatchRequest {
  /** Counts from 1. */
  readonly epoch: number;
  readonly indices: Uint32Array;
}

let takeBatch: TakeBatch | undefined;

process.on('message', (message: SupplyOrder | BatchRequest) => {
  if ('examples' in message) takeBatch = createTakeBatch(message.examples, message.variation);
  else process.send?.(takeBatch?.(message.indices, message.epoch));
});
