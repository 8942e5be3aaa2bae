import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadMnist } from '#mnist-dataset-loader';
import { loadTensorFlow } from '../src/backend/tf.ts';
import { detectImageKind } from '../src/image/kind.ts';
import { predictLogits } from '../src/model/forward.ts';
import { trustOf } from '../src/model/metadata.ts';
import { loadModel } from '../src/model/saved-model.ts';
import { describeSurroundings } from './machine.ts';
import { isRight, type Outcome, readScenes, type Scene } from './own-digits/reading.ts';
import { loadRealDigits } from './own-digits/real.ts';
import { rows } from './own-digits/rows.ts';
import { formatLine, tableHead } from './own-digits/table.ts';
import { pickDigits } from './predict-photos.ts';

const realFolder = fileURLToPath(new URL('../../shared/own-digits', import.meta.url));

/**
 * Prints how well real digits and made scenes are read, beside what is asked: `--model models/pretrained --seed 1
 * --data data`, `--only ROW,ROW`; `--list` names what is misread, `--save DIR` writes it as pictures.
 */
export async function benchOwnDigits(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      model: { type: 'string', default: 'models/pretrained' },
      data: { type: 'string', default: 'data' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: Object.keys(rows).join(',') },
      list: { type: 'boolean', default: false },
      save: { type: 'string' },
    },
  });
  const names = values.only.split(',');
  const unknown = names.find((name) => rows[name] === undefined);
  if (unknown !== undefined) {
    console.error(
      `bench: --only names rows of the table, got ${unknown}: name some of ${Object.keys(rows).join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  const test = await loadMnist({ dataDir: values.data, split: 'test' });
  const real = loadRealDigits(realFolder);
  await loadTensorFlow();
  const { model, metadata } = loadModel(values.model);
  const network = {
    classify: (images: Uint8Array) => predictLogits(model, images),
    trust: trustOf(metadata),
  };
  console.log(`${describeSurroundings()}\nmodel: ${values.model}, seed ${values.seed}`);
  if (real === undefined)
    console.log('The real digits are not there (../shared/own-digits): made scenes only.');
  const done = new Map<readonly Scene[], Promise<readonly Outcome[]>>();
  const misread: Outcome[] = [];
  const read = (scenes: readonly Scene[]) => {
    const outcomes =
      done.get(scenes) ??
      readScenes(scenes, network).then((all) => {
        misread.push(...all.filter((outcome) => !isRight(outcome)));
        return all;
      });
    done.set(scenes, outcomes);
    return outcomes;
  };
  const ingredients = { digits: pickDigits(test, 2000), seed: Number(values.seed) };
  console.log(tableHead);
  const times: string[] = [];
  for (const name of names) {
    const started = performance.now();
    const lines = (await rows[name]?.({ ingredients, test, network, real, read })) ?? [];
    for (const line of lines) console.log(formatLine(line));
    times.push(`${name} ${((performance.now() - started) / 1000).toFixed(0)} s`);
    for (const [index, outcome] of misread.splice(0).entries()) {
      if (values.list) console.log(`  ${describe(outcome)}`);
      if (values.save !== undefined) await save(outcome, path.join(values.save, `${name}-${index}`));
    }
  }
  console.log(`times: ${times.join(', ')}`);
}

function describe({ scene, answer, failure }: Outcome): string {
  return `${scene.name}: ${scene.answer || 'no digit'}, read as ${failure ?? (answer || 'none')}`;
}

/** The picture under a name that says what it is and what was read. */
async function save({ scene, answer }: Outcome, start: string): Promise<void> {
  fs.mkdirSync(path.dirname(start), { recursive: true });
  const bytes = await scene.bytes();
  const ending = detectImageKind({ name: scene.name, bytes });
  fs.writeFileSync(`${start}-is-${scene.answer}-read-${answer}.${ending}`, bytes);
}
