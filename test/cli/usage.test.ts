import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { preload, runCli } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

/** Runs a usage error and gives exit code and stderr; stdout must be empty. */
async function fail(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { exit, stdout, stderr } = await runWarm(words, { env });
  expect(stdout).toBe('');
  return { exit, stderr };
}

describe('usage errors', () => {
  test('answers a misspelt command with exit 2 and the near one (F1)', async () => {
    expect(await fail(['trian'])).toEqual({
      exit: 2,
      stderr: 'mnist-cnn: unknown command "trian"\n  Did you mean train?\n    mnist-cnn --help\n',
    });
  });

  test('answers a misspelt flag with exit 2 and the near one (F1)', async () => {
    expect(await fail(['train', '--epohcs', '3'])).toEqual({
      exit: 2,
      stderr: 'mnist-cnn: unknown option "--epohcs"\n  Did you mean --epochs?\n    mnist-cnn train --help\n',
    });
  });

  test('names the flag whose value is missing (F2)', async () => {
    expect(await fail(['train', '--epochs'])).toEqual({
      exit: 2,
      stderr: 'mnist-cnn: option "--epochs <n>" argument missing\n    mnist-cnn train --help\n',
    });
  });

  test('refuses a value for a switch (F2)', async () => {
    const { exit, stderr } = await fail(['train', '--offline=yes']);
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/^mnist-cnn: .*--offline/)]);
  });

  test.each(['abc', '0', '-1', '3.7', '1e9', 'NaN', 'Infinity', '0x10', ''])(
    'refuses --epochs "%s" and names the range (F3)',
    async (value) => {
      expect(await fail(['train', `--epochs=${value}`])).toEqual({
        exit: 2,
        stderr: `mnist-cnn: --epochs is "${value}", expected a whole number from 1 to 10,000\n`,
      });
    },
  );

  test.each(['-0.01', 'NaN', 'Infinity', '2e6'])(
    'refuses --weight-decay %s and names the range',
    async (value) => {
      expect(await fail(['train', `--weight-decay=${value}`])).toEqual({
        exit: 2,
        stderr: `mnist-cnn: --weight-decay is "${value}", expected a number from 0, at most 1e6\n`,
      });
    },
  );

  test('refuses a weight decay that takes more than the weights have', async () => {
    expect(await fail(['train', '--weight-decay=20', '--lr=0.1'])).toEqual({
      exit: 2,
      stderr:
        'mnist-cnn: --weight-decay 20 at --lr 0.1 would take more from a weight in a step than there is of it\n' +
        '  Their product must be at most 1.\n',
    });
  });

  test.each(['0', '-1', 'NaN', '1e9', '1e7'])('refuses --lr %s and names the range (F4)', async (value) => {
    expect(await fail(['train', `--lr=${value}`])).toEqual({
      exit: 2,
      stderr: `mnist-cnn: --lr is "${value}", expected a number above 0, at most 1e6\n`,
    });
  });

  test.each(['-1', '4294967296', '9007199254740992'])('refuses --seed %s (F7)', async (value) => {
    expect(await fail(['train', `--seed=${value}`])).toEqual({
      exit: 2,
      stderr: `mnist-cnn: --seed is "${value}", expected a whole number from 0 to 2^32-1\n`,
    });
  });

  test('refuses to choose by validation without validation images (F6)', async () => {
    expect(await fail(['train', '--patience', '2'])).toEqual({
      exit: 2,
      stderr:
        'mnist-cnn: --patience needs validation images, but --validation is 0\n' +
        '  Hold some out:\n    mnist-cnn train --patience 2 --validation 5000\n',
    });
  });

  test('refuses to vary the images of the adding machine', async () => {
    expect(await fail(['train', '--arch', 'adder', '--augment', 'pens', '--non-digits', '0.1'])).toEqual({
      exit: 2,
      stderr:
        'mnist-cnn: --augment pens is for single digits, but the network adder reads sums\n' +
        '  To train it without:\n    mnist-cnn train --arch adder --augment none --non-digits 0\n',
    });
  });

  test('refuses an unknown augmentation, and a negative share of pictures of no digit', async () => {
    expect(await fail(['train', '--augment', 'strong'])).toEqual({
      exit: 2,
      stderr: 'mnist-cnn: --augment is "strong", expected one of none, shift, affine, elastic, pens\n',
    });
    expect(await fail(['train', '--non-digits=-0.1'])).toEqual({
      exit: 2,
      stderr: 'mnist-cnn: --non-digits is "-0.1", expected a number from 0, at most 1\n',
    });
  });

  test('names both numbers where a batch is larger than the set (F5)', async () => {
    const words = ['train', '--dataset=synthetic', '--batch-size=50000', '--dry-run', '-q'];
    expect(await fail(words)).toEqual({
      exit: 2,
      stderr:
        'mnist-cnn: --batch-size 50000 is more than the 12000 training images\n' +
        '  Use at most that many images per step:\n    mnist-cnn train --dataset synthetic --batch-size 12000 --dry-run\n',
    });
  });

  test('names both numbers where the validation split leaves nothing (F5)', async () => {
    const words = ['train', '--dataset=synthetic', '--validation=12000', '--dry-run', '-q'];
    expect(await fail(words)).toEqual({
      exit: 2,
      stderr: 'mnist-cnn: --validation 12000 leaves nothing to train on: there are 12000 training images\n',
    });
  });

  test('refuses a scheme that is not a mirror (B25)', async () => {
    const { exit, stderr } = await fail(['download', '--mirror', 'ftp://example.org/mnist/']);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^mnist-cnn: .*ftp:/);
  });

  test('names the environment variable whose value is not accepted (F10)', async () => {
    expect(await fail(['train'], { MNIST_CNN_EPOCHS: 'many' })).toEqual({
      exit: 2,
      stderr:
        'mnist-cnn: the variable MNIST_CNN_EPOCHS is "many", expected a whole number from 1 to 10,000\n',
    });
  });

  test('prints a short help on stderr without arguments (F13)', async () => {
    const { exit, stderr } = await fail([]);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^Usage: mnist-cnn /);
  });

  test('gives errors as one line of JSON on stderr with --json (F16)', async () => {
    const { exit, stderr } = await fail(['train', '--epochs', 'abc', '--json']);
    expect(exit).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'E_USAGE',
        exit: 2,
        message: '--epochs is "abc", expected a whole number from 1 to 10,000',
      },
    });
  });

  test('escapes what came from outside', async () => {
    const { stderr } = await fail(['train', '--epochs', '\u001b[31m']);
    expect(stderr).toBe('mnist-cnn: --epochs is "\\x1b[31m", expected a whole number from 1 to 10,000\n');
  });

  test('reports a working folder that is gone (F17)', async () => {
    const folder = path.join(createTempFolder(), 'gone');
    mkdirSync(folder);
    const { exit, stderr } = await runCli(['train', '--dataset=synthetic'], {
      cwd: folder,
      nodeFlags: preload('remove-working-folder'),
    });
    rmSync(folder, { recursive: true, force: true });
    expect(exit).toBe(66);
    expect(stderr.split('\n')[0]).toBe(
      'mnist-cnn: the current folder no longer exists: it does not exist (ENOENT)',
    );
  });
});

describe('config files', () => {
  const withConfig = (name: string, content: string) => {
    const cwd = createTempFolder();
    writeFileSync(path.join(cwd, name), content);
    return cwd;
  };

  test('reports a config file that is missing with exit 66 (F8)', async () => {
    const { exit, stderr } = await fail(['train', '--config', 'none.json']);
    expect({ exit, stderr }).toEqual({
      exit: 66,
      stderr: 'mnist-cnn: cannot read none.json: it does not exist (ENOENT)\n  file: none.json\n',
    });
  });

  test.each([
    ['{"epochs": "many"}', '1:2: epochs is many, expected a whole number from 1 to 10,000'],
    ['{\n  "epoch": 3\n}', '2:3: unknown option "epoch"'],
    ['{"__proto__": 1}', '1:2: unknown option "__proto__"'],
    ['[1]', '1:1: expected "option: value" lines or a JSON object'],
  ])('refuses %j and names the place (F9)', async (content, words) => {
    const cwd = withConfig('mnist-cnn.config.json', content);
    const { exit, stderr } = await runWarm(['train', '--print-config'], { cwd });
    expect(exit).toBe(2);
    expect(stderr.split('\n')[0]).toBe(`mnist-cnn: mnist-cnn.config.json:${words}`);
  });

  // Neither an argument nor a variable can hold one: the system ends them there.
  test('refuses a NUL in a path (F17)', async () => {
    const cwd = withConfig('mnist-cnn.config.json', '{"out": "a\\u0000b"}');
    const { exit, stderr } = await runWarm(['train'], { cwd });
    expect(exit).toBe(2);
    expect(stderr).toContain('mnist-cnn: mnist-cnn.config.json:1:2: out is a\\x00b, expected a path\n');
  });

  test('lets a flag win over the environment, that over the file, that over the default (F11)', async () => {
    const cwd = withConfig('mnist-cnn.config.yaml', 'epochs: 7\nlr: 0.5\nbatchSize: 20\n');
    const env = { MNIST_CNN_LR: '0.25', MNIST_CNN_BATCH_SIZE: '30' };
    const words = ['train', '--print-config', '--json', '--batch-size', '40'];
    const { stdout } = await runWarm(words, { cwd, env });
    expect(JSON.parse(stdout)).toMatchObject({
      epochs: { value: 7, origin: 'file' },
      lr: { value: 0.25, origin: 'variable' },
      batchSize: { value: 40, origin: 'flag' },
      seed: { value: 0, origin: 'default' },
    });
  });

  test('takes paths in a config file relative to it', async () => {
    const cwd = withConfig(
      'mnist-cnn.config.json',
      '{"dataDir": "digits", "mirror": ["here", "https://a.example/"]}',
    );
    const inside = path.join(cwd, 'deeper');
    mkdirSync(inside);
    const { stdout } = await runWarm(['train', '--print-config', '--json'], { cwd: inside });
    expect(JSON.parse(stdout)).toMatchObject({
      dataDir: { value: path.join(cwd, 'digits') },
      mirror: { value: [path.join(cwd, 'here'), 'https://a.example/'] },
    });
  });
});

describe('help', () => {
  test('prints help and version on stdout without a native library and without HOME (F12)', async () => {
    const env = { HOME: undefined, XDG_CACHE_HOME: '/nonexistent', MNIST_CNN_CACHE: '/nonexistent' };
    const help = await runWarm(['--help'], { env });
    const version = await runWarm(['--version'], { env });
    expect([help.exit, help.stderr, version.exit]).toEqual([0, '', 0]);
    expect(help.stdout).toMatch(/^Usage: mnist-cnn /);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('shows examples in the help of each command', async () => {
    for (const command of [
      'train',
      'eval',
      'predict',
      'inspect',
      'show',
      'download',
      'setup',
      'doctor',
      'schema',
    ]) {
      const { stdout } = await runWarm([command, '--help']);
      expect(stdout).toContain(`\nExamples:\n  mnist-cnn ${command}`);
    }
  });

  test('accepts the snake-case spelling of a flag', async () => {
    const { stdout } = await runWarm(['train', '--print-config', '--json', '--batch_size', '7']);
    expect(JSON.parse(stdout)).toMatchObject({ batchSize: { value: 7, origin: 'flag' } });
  });

  test.each([
    ['--help'],
    ['trian'],
    ['train', '--epohcs', '3'],
    ['train', '--epochs', 'abc'],
    ['predict', '--top-k', 'x'],
  ])('answers %s without loading TensorFlow (F1)', async (...words) => {
    const { stderr } = await runCli(words, { nodeFlags: preload('report-libraries') });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('TensorFlow was not loaded');
  });
});
