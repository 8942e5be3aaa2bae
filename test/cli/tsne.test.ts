import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { pngSize, textsOf } from '../support/svg.ts';
import { runWarm } from '../support/warm-cli.ts';

const dataset = writeDigitsFolder(100, 20);
const common = [`--dataset=${dataset}`, '--batch-size=20', '--eval-every=2', '--eval-images=10'];
/** A folder with a training that drew nothing. */
const plain = createTempFolder();
/** One that was stopped by Ctrl-C while it drew. */
const stopped = createTempFolder();
let stop: CliResult;

beforeAll(async () => {
  await runWarm(['train', ...common, '-q'], { cwd: plain });
  stop = await runCli(['train', ...common, '--tsne'], {
    cwd: stopped,
    onStderr: (text, child) => {
      if (text.includes('\ndrawing 4 ') && !child.killed) child.kill('SIGINT');
    },
  });
});

/** A copy of such a folder. */
function copy(folder: string): string {
  const cwd = createTempFolder();
  fs.cpSync(folder, cwd, { recursive: true });
  return cwd;
}

const maps = (name: string) => [`${name}.csv`, `${name}.png`, `${name}.svg`];

describe('train --tsne', () => {
  const cwd = createTempFolder();
  const inTsne = (...names: readonly string[]) => path.join(cwd, 'models', 'net', 'tsne', ...names);
  let result: CliResult;

  beforeAll(async () => {
    result = await runWarm(['train', ...common, '--tsne'], { cwd });
  });

  test('leaves three files for each log point, an animation and the projector', () => {
    expect([result.exit, fs.readdirSync(inTsne()).sort()]).toEqual([
      0,
      [
        'animation.gif',
        'projector',
        ...['step-000000', 'step-000002', 'step-000004', 'step-000005'].flatMap(maps),
      ],
    ]);
  });

  test('draws 20 digits under step and accuracy', () => {
    const texts = textsOf(fs.readFileSync(inTsne('step-000004.svg'), 'utf8'));
    expect(texts[0]).toMatch(/^cnn, step 4: test accuracy \d+\.\d\d %$/);
    expect(texts[1]).toBe("t-SNE of the last layer's input: 20 test images, 1,568 features each");
    expect(texts.slice(2, 22).every((text) => /^\d$/.test(text))).toBe(true);
  });

  test('says untrained of step 0', () => {
    expect(textsOf(fs.readFileSync(inTsne('step-000000.svg'), 'utf8'))[0]).toMatch(/^cnn, untrained: /);
  });

  test('animates all of them', async () => {
    const { pages, loop } = await sharp(inTsne('animation.gif'), { animated: true }).metadata();
    expect([pages, loop]).toEqual([37, 0]);
  });

  test('gives the projector a line and a picture for each point', () => {
    const lines = (name: string) => fs.readFileSync(inTsne('projector', name), 'utf8').trimEnd().split('\n');
    expect([lines('tensors.tsv').length, lines('metadata.tsv').length]).toEqual([20, 21]);
    expect(pngSize(fs.readFileSync(inTsne('projector', 'sprite.png')))).toEqual({ width: 140, height: 140 });
    expect(lines('projector_config.pbtxt')).toContain('  tensor_path: "tensors.tsv"');
  });

  test('says each picture and how to open the projector', () => {
    expect(result.stderr).toContain(
      'drawing 4 t-SNE pictures into models/net/tsne; after Ctrl-C, --resume draws the rest\n',
    );
    expect(result.stderr.match(/^t-SNE of step \d+: divergence /gm)).toHaveLength(4);
    expect(result.stderr).toMatch(/\n {2}tensorboard --logdir models\/net\/tsne\/projector\n$/);
  });

  test('draws the same pictures for the same seed, also in a run that was stopped and resumed', async () => {
    const other = createTempFolder();
    await runWarm(['train', ...common, '--tsne', '-q', '--max-steps=2'], { cwd: other });
    const { exit } = await runWarm(['train', '--resume', '--max-steps=5', '-q'], { cwd: other });
    expect(exit).toBe(0);
    expect(readTree(path.join(other, 'models/net/tsne'))).toEqual(readTree(inTsne()));
  });

  test('trains to the same weights as without', () => {
    const weights = (folder: string) => fs.readdirSync(folder).filter((name) => name.endsWith('.bin'));
    expect(weights(path.join(cwd, 'models/net'))).toEqual(weights(path.join(plain, 'models/net')));
  });
});

test('Ctrl-C while drawing keeps what is drawn, and --resume draws the rest', async () => {
  expect([stop.signal, stop.stderr.split('\n').at(-2)]).toEqual([
    'SIGINT',
    'stopped drawing; the model is saved, and --resume draws the rest',
  ]);
  const cwd = copy(stopped);
  const resumed = await runWarm(['train', '--resume'], { cwd });
  const names = fs.readdirSync(path.join(cwd, 'models/net/tsne'));
  expect([resumed.exit, names.filter((name) => name.endsWith('.csv')).length]).toEqual([0, 4]);
  expect(names.filter((name) => name.endsWith('.tensors'))).toEqual([]);
});

test('train --tsne 4 draws every fourth step, the first and the last', async () => {
  const cwd = createTempFolder();
  await runWarm(['train', ...common, '--tsne', '4', '-q'], { cwd });
  const names = fs.readdirSync(path.join(cwd, 'models/net/tsne'));
  expect(names.filter((name) => name.endsWith('.csv')).sort()).toEqual([
    'step-000000.csv',
    'step-000004.csv',
    'step-000005.csv',
  ]);
});

test('what was kept and is damaged costs its picture, with a warning', async () => {
  const cwd = copy(stopped);
  const file = path.join(cwd, 'models/net/tsne/step-000002.tensors');
  fs.writeFileSync(file, fs.readFileSync(file).subarray(0, 1000));
  const { exit, stderr } = await runWarm(['train', '--resume', '-q'], { cwd });
  expect([exit, stderr]).toEqual([
    0,
    'mnist-cnn: warning: no t-SNE picture of step 2: cannot read step-000002.tensors: its SHA-256 differs from the one stored in it: it is damaged or was cut off\n',
  ]);
});

test('pictures between log points are refused', async () => {
  const { exit, stderr } = await runWarm(['train', ...common, '--tsne=3']);
  expect([exit, stderr.split('\n')[0]]).toEqual([
    2,
    'mnist-cnn: --tsne 3 is not a multiple of --eval-every 2: pictures are made at log points',
  ]);
});

describe('inspect --tsne', () => {
  const cwd = plain;
  const words = ['inspect', '--tsne', '--iterations=300', `--dataset=${dataset}`, '--images=20'];

  test("draws the model's picture into its folder", async () => {
    const { exit, stdout } = await runWarm(words, { cwd });
    expect([exit, fs.readdirSync(path.join(cwd, 'models/net/tsne')).sort()]).toEqual([
      0,
      [...maps('model'), 'projector'],
    ]);
    expect(stdout).toMatch(
      /^models\/net: t-SNE of 20 test images, 1,568 features each, divergence [\d.]+ nats\n$/,
    );
  });

  test('reports settings, divergence and files with --json', async () => {
    const { stdout } = await runWarm([...words, '--json', '--perplexity=5', '--out-dir=here'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'models/net',
      images: 20,
      features: 1568,
      perplexity: 5,
      iterations: 300,
      seed: 0,
      files: ['here/model.svg', 'here/model.png', 'here/model.csv'],
    });
  });

  test.each([
    [['--images=9'], '--images is 9, expected 10 to 2,000 with --tsne'],
    [['--untrained', '--arch=cnn'], '--tsne writes pictures, but there is no model folder for them'],
    [['--filters'], '--filters and --tsne cannot be used together'],
  ])('refuses %j', async (more, message) => {
    const { exit, stderr } = await runWarm([...words, ...more], { cwd });
    expect([exit, stderr.split('\n')[0]]).toEqual([2, `mnist-cnn: ${message}`]);
  });

  test("is not requested by a config file's tsne, which is for train", async () => {
    fs.writeFileSync(path.join(cwd, 'mnist-cnn.config.json'), '{ "tsne": 100 }');
    const { exit, stdout } = await runWarm(['inspect', '--arch=cnn'], { cwd });
    expect([exit, stdout.split('\n')[0]]).toEqual([0, 'network cnn: 28,938 parameters']);
  });
});
