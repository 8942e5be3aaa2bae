/**
 * Speed and memory of the stock path: the network cnn, batch 50, Adam. Prints milliseconds a step, images a second in
 * evaluation, peak memory and tensor counts.
 *
 *     npm run bench -- stock [--rounds 15] [--steps 50]
 */
import { parseArgs } from 'node:util';
import { loadTensorFlow, tf } from '../src/backend/tf.ts';
import { createBatches } from '../src/data/batches.ts';
import { takeExamples, takeRange } from '../src/data/split.ts';
import { createSyntheticDigits } from '../src/data/synthetic.ts';
import { evaluateModel } from '../src/evaluate/evaluate.ts';
import { findArchitecture } from '../src/model/architectures.ts';
import { buildModel } from '../src/model/model.ts';
import { createWeights, writeWeights } from '../src/model/weights.ts';
import { createOptimizer, trainStep } from '../src/train/stock-stepper.ts';
import { describeSurroundings, summarize } from './machine.ts';

/** Measures and prints. */
export async function benchStock(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { rounds: { type: 'string', default: '15' }, steps: { type: 'string', default: '50' } },
  });
  const [rounds, steps] = [Number(values.rounds), Number(values.steps)];
  await loadTensorFlow();
  console.log(describeSurroundings());
  const examples = createSyntheticDigits({ seed: 0, count: 10_000 });
  const model = buildModel(findArchitecture('cnn'));
  writeWeights(model, createWeights(model.architecture, 0));
  const optimizer = createOptimizer('adam', model);
  const batches = createBatches({ count: examples.count, batchSize: 50, seed: 0, sampling: 'shuffle' });

  let step = 0;
  const runSteps = (count: number) => {
    const startMs = performance.now();
    for (let done = 0; done < count; done++) {
      step++;
      const batch = takeExamples(examples, batches.indicesOf(step));
      trainStep(model, optimizer, { batch, step, learningRate: 0.001, seed: 0 });
    }
    return (performance.now() - startMs) / count;
  };
  const runEvaluation = async () => {
    const startMs = performance.now();
    await evaluateModel(model, takeRange(examples, 0, 2000));
    return 2000 / ((performance.now() - startMs) / 1000);
  };

  runSteps(20);
  await runEvaluation();
  const tensorsBefore = tf.memory().numTensors;
  const stepMs: number[] = [];
  const imagesASecond: number[] = [];
  const memoryMiB: number[] = [];
  for (let round = 0; round < rounds; round++) {
    stepMs.push(runSteps(steps));
    imagesASecond.push(await runEvaluation());
    memoryMiB.push(process.memoryUsage.rss() / 2 ** 20);
  }
  print('a step of 50 images, ms', stepMs, 2);
  print('evaluation, images a second', imagesASecond, 0);
  print('memory (resident) over the rounds, MiB', memoryMiB, 0);
  console.log(`peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
  console.log(
    `tensors before and after ${rounds * steps} steps: ${tensorsBefore}, ${tf.memory().numTensors}`,
  );
}

function print(what: string, values: readonly number[], digits: number): void {
  const { median, low, high } = summarize(values);
  console.log(
    `${what}: median ${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)}, ${values.length} rounds)`,
  );
}
