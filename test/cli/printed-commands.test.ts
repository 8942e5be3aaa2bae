import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSmallDatabase,
  writeDatabase,
} from '../../packages/mnist-dataset-loader/test/support/digits.ts';
import { cacheFolder } from '../../setup/layout.mjs';
import { transposeImages } from '../../src/data/orientation.ts';
import { acquireLock, type Lock } from '../../src/run/lock.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { cleanEnvironment } from '../support/program.ts';
import { preload } from '../support/run-cli.ts';
import { writeDigits } from '../support/write-digits.ts';

/** A first command, and what the commands that it prints, and those print in turn, are about. */
interface Chain {
  readonly first: string;
  /** The file of `src` whose commands these are. */
  readonly from: readonly string[];
  /** The test images that each of them measures. */
  readonly images?: number;
  /** How many commands in a row are run, one being printed by the one before. */
  readonly depth?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Files whose commands are run elsewhere: by the tests named, or because they need another machine. */
const elsewhere: Readonly<Record<string, string>> = {
  'src/backend/health.ts': 'test/cli/not-set-up.test.ts',
  'src/backend/native.ts': 'test/cli/not-set-up.test.ts',
  'src/backend/node-version.ts': 'test/cli/not-set-up.test.ts',
  'src/cli/picture-progress.ts': 'test/cli/picture-data.test.ts',
  'src/cli/setup/setup.ts': 'test/faults/setup.test.ts',
  'src/cli/run-command.ts': 'test/faults/limits.test.ts',
  'src/cli/train/open-run.ts': 'test/cli/init.test.ts',
  'src/cli/train/save-training.ts': 'test/cli/resume.test.ts',
  'src/core/limits.ts': 'test/faults/limits.test.ts',
  'src/image/source.ts': 'test/image/source.test.ts',
  'src/run/lost-folder.ts': 'test/faults/lost-folder.test.ts',
};

const own = 60;
const other = 40;

const chains: readonly Chain[] = [
  {
    first: 'mnist-cnn train --dataset mine --arch conv3x3 --batch-size 20 --out net',
    from: [
      'train/training-report',
      'eval/eval',
      'inspect/maps-view',
      'inspect/shift-view',
      'inspect/inspect-options',
    ],
    images: own,
    depth: 4,
  },
  { first: 'mnist-cnn eval --model net --dataset others', from: ['eval/eval'], images: other },
  { first: 'mnist-cnn eval --model net net', from: ['eval/eval'], images: own },
  {
    first: 'mnist-cnn eval --arch adder --untrained --dataset mine --suite',
    from: ['eval/run-suite'],
  },
  { first: 'mnist-cnn inspect --model net', from: ['inspect/summary-view'], images: own },
  { first: 'mnist-cnn inspect --model net --filters', from: ['inspect/filters-view'], images: own },
  {
    first: 'mnist-cnn inspect --model net --tsne --images 20 --iterations 250 --perplexity 5',
    from: ['inspect/tsne-view'],
    images: own,
  },
  { first: 'mnist-cnn inspect --model net --filters --layer nothing', from: ['inspect/inspected-model'] },
  { first: 'mnist-cnn inspect --model net --filters --maps', from: ['inspect/inspect'] },
  { first: 'mnist-cnn inspect --model net --maps --image a.png --index 3', from: ['inspect/picked-image'] },
  { first: 'mnist-cnn compare net net --images 30', from: ['compare/compare'], images: 30 },
  { first: 'mnist-cnn compare net missing-b', from: ['compare/compare'] },
  { first: 'mnist-cnn show --dataset mine', from: ['show/show'] },
  { first: 'mnist-cnn download --data-dir elsewhere', from: ['download/download'] },
  { first: 'mnist-cnn predict a.png --model net', from: ['predict/predict'] },
  { first: 'mnist-cnn filter', from: ['filter/filter'] },
  { first: 'mnist-cnn filter edge-all a.png', from: ['filter/filter'] },
  { first: "mnist-cnn filter --kernel 'x y' a.png", from: ['../image/parse-filter'] },
  { first: 'mnist-cnn add a.png a.png', from: ['add/add'] },
  { first: 'mnist-cnn predict a.png a.png --model models/adder', from: ['model-source'] },
  { first: 'mnist-cnn eval --model net models/adder', from: ['eval/measured-models'] },
  { first: 'mnist-cnn add a.png a.png --model net', from: ['model-source'] },
  { first: 'mnist-cnn add blank.png a.png --model models/adder', from: ['given-picture'] },
  { first: 'mnist-cnn eval --model missing-a', from: ['model-source'] },
  { first: 'mnist-cnn eval --arch conv3x3 --weights missing.weights', from: ['model-source'] },
  { first: 'mnist-cnn eval --model gone', from: ['model-data'] },
  { first: 'mnist-cnn doctor', from: ['doctor/doctor'] },
  { first: 'cd walled && mnist-cnn doctor', from: ['doctor/surroundings'] },
  { first: 'mnist-cnn start --batch-size 10 --arch conv3x3', from: ['start/start'] },
  { first: 'mnist-cnn train --resume net', from: ['train/ended-run'], images: own },
  { first: 'mnist-cnn train --resume net --init net', from: ['train/resume'], images: own },
  {
    first: 'mnist-cnn train --init net --arch cnn --dataset mine --out other',
    from: ['train/initial-model'],
  },
  { first: 'mnist-cnn train --init missing-c --dataset mine', from: ['train/initial-model'] },
  { first: 'mnist-cnn train --resume net --lr 0.5', from: ['../run/run-config'] },
  { first: 'mnist-cnn train --resume nowhere --batch-size 10', from: ['../run/run-config'] },
  { first: 'mnist-cnn train --dataset synthetic --patience 2 --dry-run', from: ['../train/plan'] },
  { first: 'mnist-cnn train --out held --batch-size 10', from: ['../run/lock'] },
  {
    first: 'mnist-cnn show --data-dir not-there',
    from: ['advice'],
    env: { MNIST_CNN_MIRROR: 'http://127.0.0.1:1/' },
  },
  { first: 'mnist-cnn show --data-dir a.png', from: ['advice'] },
  { first: 'mnist-cnn show --dataset lying', from: ['download-progress'] },
  { first: 'mnist-cnn show --dataset deeper', from: ['data-conversion'] },
  { first: 'mnist-cnn train --dataset mine --batch-size 999 --dry-run', from: ['../data/batches'] },
  { first: 'mnist-cnn trian', from: ['parser'] },
];

const cwd = createTempFolder();
const mirror = createTempFolder();
const small = createSmallDatabase();
const seen = new Set<string>();
let lock: Lock | undefined;

beforeAll(async () => {
  writeDatabase(small, mirror);
  writeDigits(path.join(cwd, 'mine'), 200, own);
  writeDigits(path.join(cwd, 'others'), 100, other);
  writeDigits(path.join(cwd, 'moved'), 100, other);
  writeDigits(path.join(cwd, 'deeper', 'inside'), 100, other);
  writeLyingDigits(path.join(cwd, 'lying'));
  fs.mkdirSync(path.join(cwd, 'walled'));
  fs.mkdirSync(path.join(cwd, 'home'));
  fs.writeFileSync(path.join(cwd, 'walled', 'models'), '');
  // Batches that a database of 30 images can give.
  fs.writeFileSync(path.join(cwd, 'mnist-cnn.config.json'), '{"batchSize": 10, "evalEvery": 20}');
  fs.writeFileSync(path.join(cwd, 'a.png'), encodePng(drawSeven()));
  fs.writeFileSync(
    path.join(cwd, 'blank.png'),
    encodePng({ width: 40, height: 40, gray: new Uint8Array(1600).fill(255) }),
  );
  await run('mnist-cnn train --dataset moved --arch conv3x3 --out gone');
  fs.rmSync(path.join(cwd, 'moved'), { recursive: true });
  lock = acquireLock(path.join(cwd, 'held'));
});

afterAll(() => lock?.release());

describe('each command that is printed runs as printed, on the same model and data', () => {
  test.each(chains)('from $first', async ({ first, images, depth = 1, env }) => {
    const start = await run(first, env);
    const printed = findCommands(start.text);
    expect([first, printed.length > 0]).toEqual([first, true]);
    const problems = await follow(printed, { images, depth });
    expect(problems).toEqual([]);
  });
});

test('every file that prints a command is among them', () => {
  const root = path.join(import.meta.dirname, '../..');
  const known = chains.flatMap(({ from }) => from.map((name) => path.posix.join('src/cli', `${name}.ts`)));
  const printing = fs
    .readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join('src', file))
    .filter((file) =>
      /\bcommand: (?:['"`]\w|format|repeat)|\bretryWith[:,]|output\.(next|advise)\(|\busageError\(/.test(
        fs.readFileSync(path.join(root, file), 'utf8'),
      ),
    );
  const definitions = [
    'src/cli/command-line.ts',
    'src/cli/output.ts',
    'src/core/errors.ts',
    'src/config/options.ts',
  ];
  const missing = printing.filter(
    (file) => !known.includes(file) && !Object.hasOwn(elsewhere, file) && !definitions.includes(file),
  );
  expect(missing).toEqual([]);
});

/** Digits as EMNIST's lie: rows and columns exchanged. */
function writeLyingDigits(folder: string): void {
  writeDigits(folder, 200, 100);
  for (const name of ['train-images-idx3-ubyte', 't10k-images-idx3-ubyte']) {
    const bytes = fs.readFileSync(path.join(folder, name));
    bytes.set(transposeImages(bytes.subarray(16)), 16);
    fs.writeFileSync(path.join(folder, name), bytes);
  }
}

/** Runs printed commands, and those that they print, each once; gives what is wrong with them. */
async function follow(
  commands: readonly string[],
  { images, depth }: { readonly images: number | undefined; readonly depth: number },
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const command of commands) {
    if (seen.has(command)) continue;
    seen.add(command);
    const { exit, text } = await run(command);
    if (exit !== 0) problems.push(`${command} ended with ${exit}: ${text.slice(0, 400)}`);
    const measured = /measuring .* on (\d+) test images/.exec(text)?.[1];
    if (images !== undefined && measured !== undefined && Number(measured) !== images) {
      problems.push(`${command} measured ${measured} images, not ${images}`);
    }
    if (depth > 1 && !command.endsWith(' --help'))
      problems.push(...(await follow(findCommands(text), { images, depth: depth - 1 })));
  }
  return problems;
}

/** The commands of this program in what it has printed: after `next:`, and on lines of their own, indented. */
function findCommands(text: string): readonly string[] {
  return [...text.matchAll(/^(?:next: | {2,})((?:[A-Z_]+=\S+ )*mnist-cnn .*)$/gm)].map(
    ([, command = '']) => command,
  );
}

/** Has a shell run a command as it stands; stdout and stderr together. */
function run(
  command: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exit: number | null; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], {
      cwd,
      env: {
        ...cleanEnvironment(),
        NODE_OPTIONS: preload('small-mnist').join(' '),
        SMALL_MNIST: JSON.stringify(small.sources),
        MNIST_CNN_MIRROR: mirror,
        HOME: path.join(cwd, 'home'),
        MNIST_CNN_CACHE: cacheFolder(),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, text }));
  });
}
