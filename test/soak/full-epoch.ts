import fs from 'node:fs';
import path from 'node:path';
import { random } from '../../src/core/random.ts';
import { isRealMissing, realFolder } from '../support/real-mnist.ts';
import { hashRun } from '../support/run-hash.ts';
import { goOn } from '../support/tiny-training.ts';
import type { SoakResult } from './result.ts';
import { runAndStop, stopSignals, timeWholeRun } from './stopped-run.ts';

/** The words for digits in number: MNIST where it lies beside the checkout, else the synthetic ones. */
export const manyDigits: readonly string[] = isRealMissing
  ? ['--dataset=synthetic']
  : [`--data-dir=${realFolder}`, '--offline'];

/** Trains the network cnn for one epoch of 60,000 images, stopped several times on the way, and compares it with one never stopped. */
export async function stopFullEpoch({
  folder,
  stops,
  seed,
}: {
  readonly folder: string;
  readonly stops: number;
  readonly seed: number;
}): Promise<SoakResult> {
  const lost: string[] = [];
  if (stops === 0) return { seed, tried: {}, lost };
  if (isRealMissing)
    console.log('the real database is not beside the checkout: 12,000 synthetic digits instead');
  fs.mkdirSync(path.join(folder, 'stopped'), { recursive: true });
  const words = ['train', ...manyDigits, '--out=net', '--checkpoint-every=100'];
  const wholeMs = await timeWholeRun(folder, words);
  const cwd = path.join(folder, 'stopped');
  const net = path.join(cwd, 'net');
  const numbers = random(seed, 'resume full');
  let hits = 0;
  for (let stop = 1; stop <= stops; stop++) {
    const given = fs.existsSync(net) ? ['train', '--resume', 'net'] : words;
    const result = await runAndStop(cwd, given, {
      signal: stopSignals[stop % stopSignals.length] ?? 'SIGINT',
      cues: ['\nstep ', '\nresuming after step ', '\nno checkpoint yet'],
      // Together they leave some of the run for the end.
      afterMs: (numbers.uniform() * wholeMs) / stops,
    });
    if (result.exit === null) hits++;
    else if (result.exit !== 0) lost.push(`the whole epoch, stop ${stop}: ${result.stderr}`);
  }
  await goOn(cwd, ['train', '--resume', 'net']).catch((error: unknown) => lost.push(String(error)));
  const [whole, resumed] = [hashRun(path.join(folder, 'net')), hashRun(net)];
  for (const part of ['weights', 'optimizer', 'table'] as const)
    if (resumed[part] !== whole[part])
      lost.push(`the whole epoch: ${part} is not bit-identical to the run without stops`);
  const images = isRealMissing ? '12,000 synthetic' : '60,000';
  return { seed, tried: { [`stops in one epoch of ${images} images`]: hits }, lost };
}
