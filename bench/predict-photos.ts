// Reads pictures made of MNIST's test digits and tells how many are right, how long it takes and how much memory:
//   npm run bench bench/predict-photos.ts -- --count 1000 --model models/pretrained
// Needs the MNIST files in data/ or in the folder that --data names.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadMnist } from 'mnist-dataset-loader';
import { loadTensorFlow } from '../src/backend/tf.ts';
import { predictLogits } from '../src/model/forward.ts';
import { loadModel } from '../src/model/saved-model.ts';
import { listPictures } from '../src/predict/list-pictures.ts';
import { readPictureFile } from '../src/predict/picture-bytes.ts';
import { predictPictures } from '../src/predict/predict.ts';
import { makePhoto } from '../test/support/photo.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'models/pretrained' },
    data: { type: 'string', default: 'data' },
  },
});
const count = Number(values.count);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'predict-photos-'));
try {
  const test = await loadMnist({ dataDir: values.data, split: 'test' });
  const labels = await writePhotos(test);
  await loadTensorFlow();
  const { model } = loadModel(values.model);
  await predictLogits(model, test.images.slice(0, 784));
  const plain = await predictLogits(model, pickDigits(test.images));
  console.log(
    `${os.cpus()[0]?.model}, ${os.cpus().length} CPUs, Node ${process.version}, model ${values.model}`,
  );
  console.log(`the digits themselves: ${shareRight(plain, labels)} right`);
  await readPhotos(labels, (images) => predictLogits(model, images));
} finally {
  fs.rmSync(folder, { recursive: true });
}

/** Every seventh digit of the test set, around and around: all its writers have their share. */
function positionOf(index: number): number {
  return (index * 7) % 10_000;
}

function pickDigits(images: Uint8Array): Uint8Array {
  const picked = new Uint8Array(count * 784);
  for (let index = 0; index < count; index++) {
    const start = positionOf(index) * 784;
    picked.set(images.subarray(start, start + 784), index * 784);
  }
  return picked;
}

async function writePhotos(test: {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}): Promise<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const start = positionOf(index) * 784;
    const photo = await makePhoto(test.images.subarray(start, start + 784), Number(values.seed), index);
    const name = `${String(index).padStart(6, '0')}.${photo.format}`;
    fs.writeFileSync(path.join(folder, name), photo.bytes);
  }
  return Uint8Array.from({ length: count }, (_, index) => test.labels[positionOf(index)] ?? 0);
}

async function readPhotos(
  labels: Uint8Array,
  classify: (images: Uint8Array) => Promise<Float32Array>,
): Promise<void> {
  let [right, done] = [0, 0];
  const startedMs = performance.now();
  for await (const reading of predictPictures(listPictures([folder]), {
    classify,
    readBytes: readPictureFile,
  })) {
    if (reading.type === 'digit' && reading.ranking[0]?.digit === labels[done]) right += 1;
    done += 1;
    if (done % Math.ceil(count / 4) === 0) {
      const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
      console.log(`${done} pictures after ${seconds(startedMs)} s, ${memory} MiB of memory`);
    }
  }
  console.log(`pictures: ${(right / done).toFixed(4)} right, ${done} in ${seconds(startedMs)} s`);
}

function shareRight(logits: Float32Array, labels: Uint8Array): string {
  let right = 0;
  labels.forEach((label, index) => {
    const row = logits.subarray(index * 10, index * 10 + 10);
    if (row.indexOf(Math.max(...row)) === label) right += 1;
  });
  return (right / labels.length).toFixed(4);
}

function seconds(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1);
}
