import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { prepareTinyTraining } from '../support/tiny-training.ts';
import { runWarm } from '../support/warm-cli.ts';
import { writeDigits } from '../support/write-digits.ts';

/** `net`, trained on `mine`, and `second`, trained on `others`. */
const cwd = createTempFolder();
const run = (...words: readonly string[]) => runWarm(words, { cwd });
/** What was said on stderr before the measuring, and the result. */
async function evaluate(...words: readonly string[]) {
  const { exit, stdout, stderr } = await run('eval', '--json', ...words);
  return { exit, told: stderr.split('\n').slice(0, -2), result: stdout === '' ? {} : JSON.parse(stdout) };
}

beforeAll(async () => {
  writeDigits(path.join(cwd, 'mine'), 60, 30);
  writeDigits(path.join(cwd, 'others'), 60, 40);
  for (const [out, dataset] of [
    ['net', 'mine'],
    ['second', 'others'],
  ] as const) {
    const words = [...prepareTinyTraining(cwd), `--out=${out}`, `--dataset=${dataset}`, '-q'];
    expect(await run(...words)).toMatchObject({ exit: 0, stderr: '' });
  }
});

describe('eval without a word about data', () => {
  test('measures on the data that the model was trained on', async () => {
    const { exit, told, result } = await evaluate('--model', 'second');
    expect([exit, told, result.dataset, result.images, result.trainedOn]).toEqual([
      0,
      ['measuring second on 40 test images'],
      'others',
      40,
      undefined,
    ]);
  });

  test('finds them from another folder, too', async () => {
    const elsewhere = createTempFolder();
    const model = path.join(cwd, 'second');
    const { exit, stdout } = await runWarm(['eval', '--json', '--model', model], { cwd: elsewhere });
    expect([exit, JSON.parse(stdout).dataset]).toEqual([0, path.join(cwd, 'others')]);
  });

  test('does not look at the variable, as a resumed run does not', async () => {
    const options = { cwd, env: { MNIST_CNN_DATASET: 'mine' } };
    const { stdout } = await runWarm(['eval', '--json', '--model', 'second'], options);
    expect(JSON.parse(stdout).dataset).toBe('others');
  });

  test('goes by the name in metadata.json where there is no run', async () => {
    fs.cpSync(path.join(cwd, 'second'), path.join(cwd, 'alone'), { recursive: true });
    for (const name of ['config.json', 'log.jsonl']) fs.rmSync(path.join(cwd, 'alone', name));
    expect((await evaluate('--model', 'alone')).result.dataset).toBe('others');
  });

  test('says where they were when they are gone', async () => {
    const words = [...prepareTinyTraining(cwd), '--out=gone', '--dataset=moved', '-q'];
    writeDigits(path.join(cwd, 'moved'), 60, 20);
    await run(...words);
    fs.rmSync(path.join(cwd, 'moved'), { recursive: true });
    const { exit, stderr } = await run('eval', '--model', 'gone', '--images', '5');
    expect([exit, stderr.split('\n').slice(1)]).toEqual([
      66,
      [
        '  file: moved',
        '  gone was trained on the data in that place. Restore them, or name other data with --dataset:',
        '    mnist-cnn eval --model gone --images 5 --dataset mnist',
        '',
      ],
    ]);
  });
});

describe('eval on other data', () => {
  test('says so and shows both', async () => {
    const { exit, told, result } = await evaluate('--model', 'net', '--dataset', 'others');
    expect([exit, told, result.dataset, result.trainedOn]).toEqual([
      0,
      ['measuring on others; net was trained on mine', 'measuring net on 40 test images'],
      'others',
      'mine',
    ]);
  });

  test('leaves the tables of its own data alone', async () => {
    await evaluate('--model', 'net');
    const file = path.join(cwd, 'net', 'confusion_matrix.csv');
    const before = fs.readFileSync(file);
    const { result } = await evaluate('--model', 'net', '--dataset', 'others');
    expect([result.files, fs.readFileSync(file)]).toEqual([[], before]);
  });

  test('is silent where they are the same in another place', async () => {
    fs.cpSync(path.join(cwd, 'mine'), path.join(cwd, 'copy'), { recursive: true });
    const { told } = await evaluate('--model', 'net', '--dataset', 'copy');
    expect(told).toEqual(['measuring net on 30 test images']);
  });

  test('warns where they have the same name', async () => {
    fs.cpSync(path.join(cwd, 'net'), path.join(cwd, 'changed'), { recursive: true });
    const file = path.join(cwd, 'changed', 'config.json');
    const config = JSON.parse(fs.readFileSync(file, 'utf8'));
    config.data.test = { images: 10_000, sha256: 'a'.repeat(64) };
    fs.writeFileSync(file, JSON.stringify(config));
    const { exit, told } = await evaluate('--model', 'changed');
    expect([exit, told[0]]).toEqual([
      0,
      expect.stringMatching(
        /^mnist-cnn: warning: mine now holds different test images than when changed was trained: 30 images with SHA-256 [0-9a-f]{12}, then 10,000 images with SHA-256 aaaaaaaaaaaa$/,
      ),
    ]);
  });

  test('warns where the run cannot be read, and measures on what is named', async () => {
    fs.cpSync(path.join(cwd, 'net'), path.join(cwd, 'unread'), { recursive: true });
    fs.writeFileSync(path.join(cwd, 'unread', 'config.json'), 'none');
    const { exit, told } = await evaluate('--model', 'unread', '--dataset', 'mine');
    expect([exit, told[0]]).toEqual([
      0,
      'mnist-cnn: warning: cannot tell what unread was trained on: cannot read config.json: it is not JSON',
    ]);
  });
});

test('compare measures on the data of the first model and says what the second was trained on', async () => {
  const { exit, stderr } = await run('compare', 'net', 'second');
  expect([exit, stderr.split('\n').slice(0, 2)]).toEqual([
    0,
    ['measuring on mine; second was trained on others', 'measuring net and second on 30 test images'],
  ]);
});

test("inspect takes its images from the model's data", async () => {
  const words = ['--tsne', '--images=40', '--iterations=250', '--perplexity=5', '--json'];
  const { exit, stdout } = await run('inspect', '--model', 'second', ...words);
  expect([exit, JSON.parse(stdout).images]).toEqual([0, 40]);
});

test('a run resumes from another folder', async () => {
  const elsewhere = createTempFolder();
  const words = ['train', '--resume', path.join(cwd, 'second'), '--epochs', '2', '-q'];
  expect(await runWarm(words, { cwd: elsewhere })).toMatchObject({ exit: 0, stderr: '' });
});
