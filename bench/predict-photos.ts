import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadMnist } from '#mnist-dataset-loader';
import { loadTensorFlow } from '../src/backend/tf.ts';
import { listPictures } from '../src/image/list-pictures.ts';
import { readPictureFile } from '../src/image/source.ts';
import type { Network } from '../src/model/ensemble.ts';
import { predictLogits } from '../src/model/forward.ts';
import { trustOf } from '../src/model/metadata.ts';
import { loadModel } from '../src/model/saved-model.ts';
import type { DigitReading } from '../src/predict/choose-digits.ts';
import { predictPictures } from '../src/predict/predict.ts';
import { makePhoto } from '../test/support/photo.ts';
import { describeSurroundings } from './machine.ts';

/**
 * Reads pictures made of MNIST's test digits and reports how many are right, how long it takes and how much memory:
 * `--count 1000 --seed 1 --model models/pretrained --data data`.
 */
export async function benchPredictPhotos(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      count: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      model: { type: 'string', default: 'models/pretrained' },
      data: { type: 'string', default: 'data' },
    },
  });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'predict-photos-'));
  try {
    const test = await loadMnist({ dataDir: values.data, split: 'test' });
    const digits = pickDigits(test, Number(values.count));
    await writePhotos(digits, folder, Number(values.seed));
    await loadTensorFlow();
    const { model, metadata } = loadModel(values.model);
    console.log(describeSurroundings());
    console.log(`model: ${values.model}`);
    const plain = await predictLogits(model, digits.images);
    console.log(`the digits themselves: ${countRight(plain, digits.labels) / digits.labels.length} right`);
    await readPhotos(digits, folder, {
      classify: (images) => predictLogits(model, images),
      trust: trustOf(metadata),
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Digits of MNIST: `[n, 28, 28]` bytes and their labels. */
export interface Digits {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Every seventh digit of the test set, around and around: all its writers have their share. */
export function pickDigits(test: Digits, count: number): Digits {
  const images = new Uint8Array(count * 784);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const position = (index * 7) % test.labels.length;
    images.set(test.images.subarray(position * 784, (position + 1) * 784), index * 784);
    labels[index] = test.labels[position] ?? 0;
  }
  return { images, labels };
}

async function writePhotos(digits: Digits, folder: string, seed: number): Promise<void> {
  for (let index = 0; index < digits.labels.length; index++) {
    const photo = await makePhoto(digits.images.subarray(index * 784, (index + 1) * 784), seed, index);
    fs.writeFileSync(path.join(folder, `${index}.${photo.format}`), photo.bytes);
  }
}

async function readPhotos(digits: Digits, folder: string, network: Network): Promise<void> {
  const { labels } = digits;
  let [right, done] = [0, 0];
  const started = { wallMs: performance.now(), cpu: process.cpuUsage() };
  for await (const reading of predictPictures(listPictures([folder]), {
    networks: () => [network],
    readBytes: readPictureFile,
  })) {
    if (reading.type === 'digits' && claimedBy(reading.digits) === String(labels[done])) right += 1;
    done += 1;
    if (done % Math.ceil(labels.length / 4) === 0) {
      console.log(`after ${done} pictures: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB of memory`);
    }
  }
  const wall = ((performance.now() - started.wallMs) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage(started.cpu);
  const cpu = ((user + system) / 1e6).toFixed(1);
  console.log(`pictures: ${right / done} right, ${done} in ${wall} s, ${cpu} s of processor time`);
}

/** The digits that a reading claims. */
function claimedBy(digits: readonly DigitReading[]): string {
  return digits.map(({ ranking, doubt }) => (doubt === undefined ? ranking[0]?.digit : '')).join('');
}

function countRight(logits: Float32Array, labels: Uint8Array): number {
  let right = 0;
  labels.forEach((label, index) => {
    const row = logits.subarray(index * 10, index * 10 + 10);
    if (row.indexOf(Math.max(...row)) === label) right += 1;
  });
  return right;
}
