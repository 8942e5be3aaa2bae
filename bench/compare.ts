import os from 'node:os';
import { summarize } from './machine.ts';
import { mostStrangeShare, type Patience, waitForCalm, watchStrangers } from './strangers.ts';

/** Does one turn of work and gives milliseconds for a unit of it. */
export type Measure = () => Promise<number>;

/** What pairs of turns gave. */
export interface Comparison {
  /** Median, smallest and largest. */
  readonly aMs: Spread;
  readonly bMs: Spread;
  /** Of the rounds' own ratios, b / a. */
  readonly ratio: Spread;
  readonly rounds: readonly Round[];
  /** Rounds during which other programs took more than 5 % of the cores although they were taken again. */
  readonly disturbed: number;
  /** The machine's load average at the end: the workers' own threads, and whoever else was there. */
  readonly load: number;
}

interface Round {
  readonly aMs: number;
  readonly bMs: number;
  /** What other programs took of all cores, 0 to 1. */
  readonly strangers: number;
}

type Spread = ReturnType<typeof summarize>;

/**
 * Takes turns, a, b, then b, a, so that a machine that slows down or speeds up favors neither. A round that other programs
 * disturb is taken again, as many as there are rounds; the calmest are kept.
 */
export async function comparePairs(
  a: Measure,
  b: Measure,
  { rounds, patience }: { readonly rounds: number; readonly patience: Patience },
): Promise<Comparison> {
  const measured: Round[] = [];
  const isCalm = ({ strangers }: Round) => strangers <= mostStrangeShare;
  for (let taken = 0; taken < rounds * 2 && measured.filter(isCalm).length < rounds; taken++) {
    await waitForCalm(patience);
    measured.push(await measureRound(a, b));
  }
  const kept = measured.toSorted((left, right) => left.strangers - right.strangers).slice(0, rounds);
  return {
    aMs: summarize(kept.map(({ aMs }) => aMs)),
    bMs: summarize(kept.map(({ bMs }) => bMs)),
    ratio: summarize(kept.map(({ aMs, bMs }) => bMs / aMs)),
    rounds: kept,
    disturbed: kept.length - kept.filter(isCalm).length,
    load: os.loadavg()[0] ?? 0,
  };
}

async function measureRound(a: Measure, b: Measure): Promise<Round> {
  const shareSince = watchStrangers();
  const first = { aMs: await a(), bMs: await b() };
  const second = { bMs: await b(), aMs: await a() };
  return {
    aMs: (first.aMs + second.aMs) / 2,
    bMs: (first.bMs + second.bMs) / 2,
    strangers: shareSince() ?? 0,
  };
}
