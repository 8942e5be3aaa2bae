/**
 * Fine-tuning on some 100 digits of one's own: what it gains on the others of the same source, and what it loses on MNIST.
 *
 *     npm run bench -- fine-tuning [--model models/pretrained] [--lr 0.0001,0.0002] [--epochs 5,10] [--augment none,affine]
 *       [--non-digits 0] [--batch-size 10] [--rounds 5] [--seed 1] [--only forms,8x8,people] [--test] [--data data]
 *
 * Each source is cut into parts at random, and each part is read after training on the rest. Options are to be chosen
 * by these and by the 5,000 training images that a network of `--validation 5000` has not seen; `--test` measures the test
 * images as well. The networks are thrown away.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadMnist } from '#mnist-dataset-loader';
import { loadTensorFlow } from '../src/backend/tf.ts';
import { trainOptions } from '../src/config/train-options.ts';
import { formatPercent } from '../src/core/percent.ts';
import { random, shuffle } from '../src/core/random.ts';
import { systemClock } from '../src/core/time.ts';
import { type Examples, splitExamples, takeExamples } from '../src/data/split.ts';
import { evaluateModel } from '../src/evaluate/evaluate.ts';
import { wilsonInterval } from '../src/evaluate/interval.ts';
import { predictClasses } from '../src/evaluate/metrics.ts';
import { decodeImage } from '../src/image/decode.ts';
import { predictLogits } from '../src/model/forward.ts';
import { disposeModel, type Model } from '../src/model/model.ts';
import { loadModel } from '../src/model/saved-model.ts';
import { readWeights } from '../src/model/weights.ts';
import { centerDigit } from '../src/predict/center-digit.ts';
import { type TrainConfig, train } from '../src/train/train.ts';
import { describeSurroundings } from './machine.ts';
import type { Scene } from './own-digits/reading.ts';
import { loadRealDigits, type RealDigits } from './own-digits/real.ts';

const realFolder = fileURLToPath(new URL('../../shared/own-digits', import.meta.url));

/** What somebody's own digits may be: a source with many, or those of several people. */
interface Source {
  readonly name: string;
  readonly digits: Examples;
  /** Into how many parts it is cut: some 100 digits are trained on. */
  readonly parts: number;
}

/** Images that show what is forgotten. */
type Measured = Readonly<Record<string, Examples>>;

/** Measures each combination of options and prints a line for each source. */
export async function benchFineTuning(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      model: { type: 'string', default: 'models/pretrained' },
      data: { type: 'string', default: 'data' },
      lr: { type: 'string', default: '0.0003' },
      epochs: { type: 'string', default: '10' },
      augment: { type: 'string', default: 'none' },
      'non-digits': { type: 'string', default: '0' },
      'batch-size': { type: 'string', default: '10' },
      rounds: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: 'forms,8x8,people' },
      test: { type: 'boolean', default: false },
    },
  });
  const real = loadRealDigits(realFolder);
  if (real === undefined) {
    console.error('bench: the real digits are not there (../shared/own-digits)');
    process.exitCode = 1;
    return;
  }
  const mnist = await loadMnist({ dataDir: values.data, split: 'train' });
  const { validation = mnist } = splitExamples({ train: mnist, test: mnist }, 5000, 0);
  const test = values.test ? await loadMnist({ dataDir: values.data, split: 'test' }) : undefined;
  const measured: Measured = { validation, ...(test && { test }) };
  await loadTensorFlow();
  const sources = (await findSources(real)).filter(({ name }) => values.only.split(',').includes(name));
  console.log(
    `${describeSurroundings()}\nmodel: ${values.model}, rounds ${values.rounds}, seed ${values.seed}`,
  );
  const before = await measureModel(loadModel(values.model).model, measured);
  console.log(`before: ${formatScores(before)}`);
  const rounds = { count: Number(values.rounds), seed: Number(values.seed) };
  for (const config of listConfigs(values)) {
    const { learningRate, epochs, augment, nonDigits, batchSize } = config;
    console.log(
      `--lr ${learningRate} --epochs ${epochs} --augment ${augment} --non-digits ${nonDigits} --batch-size ${batchSize}`,
    );
    for (const source of sources) {
      console.log(`  ${await measureSource(source, { model: values.model, config, measured, rounds })}`);
    }
  }
}

/** Every combination of the rates, epochs and augmentations that were given. */
function listConfigs(
  values: Readonly<Record<'lr' | 'epochs' | 'augment' | 'non-digits' | 'batch-size', string>>,
) {
  return values.augment.split(',').flatMap((augment) =>
    values.lr.split(',').flatMap((lr) =>
      values.epochs.split(',').map((epochs) =>
        createConfig({
          augment: trainOptions.augment.parse(augment),
          epochs: Number(epochs),
          learningRate: Number(lr),
          nonDigits: Number(values['non-digits']),
          batchSize: Number(values['batch-size']),
        }),
      ),
    ),
  );
}

function createConfig(
  given: Pick<TrainConfig, 'augment' | 'epochs' | 'learningRate' | 'nonDigits' | 'batchSize'>,
): TrainConfig {
  return {
    optimizer: 'adam',
    schedule: 'constant',
    seed: 0,
    sampling: 'shuffle',
    evalEvery: 1_000_000,
    evalImages: 1,
    ...given,
  };
}

async function findSources({ boxed, single, tiny }: RealDigits): Promise<readonly Source[]> {
  const fromForms = single.filter(({ source }) => source === boxed[0]?.source);
  const ofPeople = single.filter(({ source }) => source !== boxed[0]?.source);
  return [
    { name: 'forms', digits: await frameScenes([...boxed, ...fromForms]), parts: 2 },
    { name: '8x8', digits: await frameScenes(tiny), parts: 5 },
    { name: 'people', digits: await frameScenes(ofPeople), parts: 2 },
  ];
}

async function frameScenes(scenes: readonly Scene[]): Promise<Examples> {
  const images: Uint8Array[] = [];
  for (const { name, bytes } of scenes) {
    images.push(centerDigit(await decodeImage({ name, bytes: await bytes() })).framed);
  }
  return {
    images: new Uint8Array(Buffer.concat(images)),
    labels: Uint8Array.from(scenes, ({ answer }) => Number(answer)),
    count: scenes.length,
  };
}

interface Measurement {
  readonly model: string;
  readonly config: TrainConfig;
  readonly measured: Measured;
  readonly rounds: { readonly count: number; readonly seed: number };
}

/** Reads each part of a source before and after training on the rest; each round cuts it in another way. */
async function measureSource(
  { name, digits, parts }: Source,
  { model: folder, config, measured, rounds }: Measurement,
): Promise<string> {
  let [right, fixed, broken] = [0, 0, 0];
  const before = await readDigits(loadModel(folder).model, digits);
  const scores: Readonly<Record<string, number>>[] = [];
  for (let round = 0; round < rounds.count; round++) {
    for (const [part, held] of cutParts(digits, parts, rounds.seed + round).entries()) {
      const rest = Uint32Array.from(digits.labels.keys()).filter((index) => !held.includes(index));
      const { model } = loadModel(folder);
      await tune(model, takeExamples(digits, rest), { ...config, seed: round });
      const after = await readDigits(model, takeExamples(digits, held));
      held.forEach((index, at) => {
        const isRight = after[at] === digits.labels[index];
        const wasRight = before[index] === digits.labels[index];
        right += Number(isRight);
        fixed += Number(isRight && !wasRight);
        broken += Number(!isRight && wasRight);
      });
      // Of one network a round: the others differ little, and this takes the most time.
      if (part === 0) scores.push(await measureModel(model, measured));
      disposeModel(model);
    }
  }
  const was = digits.labels.filter((label, index) => label === before[index]).length;
  const mean = Object.fromEntries(
    Object.keys(measured).map((key) => [
      key,
      scores.reduce((sum, each) => sum + (each[key] ?? 0), 0) / scores.length,
    ]),
  );
  const trained = Math.round(digits.count * (1 - 1 / parts));
  const perRound = (count: number) => (count / rounds.count).toFixed(1);
  return `${name.padEnd(7)} trained on ${trained}: ${formatShare(was, digits.count)} -> ${formatShare(Math.round(right / rounds.count), digits.count)}, fixed ${perRound(fixed)}, broken ${perRound(broken)}; ${formatScores(mean)}`;
}

/** Parts of a set as indices, each with its share of every class. */
function cutParts({ labels, count }: Examples, parts: number, seed: number): readonly Uint32Array[] {
  const order = shuffle(
    Uint32Array.from({ length: count }, (_, index) => index),
    random(seed, 'parts'),
  );
  const byClass = order.toSorted((one, other) => (labels[one] ?? 0) - (labels[other] ?? 0));
  return Array.from({ length: parts }, (_, part) => byClass.filter((_index, at) => at % parts === part));
}

async function tune(model: Model, examples: Examples, config: TrainConfig): Promise<void> {
  const resumeFrom = { step: 0, elapsedMs: 0, weights: readWeights(model), optimizer: [] };
  const { signal } = new AbortController();
  const input = { data: { train: examples, test: examples }, resumeFrom, signal, clock: systemClock };
  for await (const event of train(model, input, config)) {
    if (event.type === 'checkpoint-due') event.captureState();
  }
}

async function readDigits(model: Model, { images, count }: Examples): Promise<Uint8Array> {
  return predictClasses(await predictLogits(model, images), count);
}

async function measureModel(model: Model, measured: Measured): Promise<Readonly<Record<string, number>>> {
  const scores: Record<string, number> = {};
  for (const [name, examples] of Object.entries(measured)) {
    scores[name] = (await evaluateModel(model, examples)).accuracy;
  }
  return scores;
}

function formatShare(right: number, of: number): string {
  const { low, high } = wilsonInterval(right, of);
  return `${formatPercent(right / of, 1)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

function formatScores(scores: Readonly<Record<string, number>>): string {
  return Object.entries(scores)
    .map(([name, accuracy]) => `${name} ${formatPercent(accuracy, 2)}`)
    .join(', ');
}
