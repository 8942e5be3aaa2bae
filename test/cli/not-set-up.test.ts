import { expect, test } from 'vitest';
import { createFolderForTest } from '../support/folder.ts';
import { runCli } from '../support/run-cli.ts';

test.each([['--help'], ['--version']])('%s works without the native library', async (flag) => {
  const { exit, stderr } = await runCli([flag], withoutLibrary());
  expect([exit, stderr]).toEqual([0, '']);
});

test('train names the command that provides the library', async () => {
  const { exit, stderr } = await runCli(['train', '--dataset', 'synthetic', '--quiet'], withoutLibrary());
  expect(exit).toBe(69);
  expect(stderr).toMatch(
    /^mnist-cnn: TensorFlow is not set up: libtensorflow_cc\.\S+ is missing\n {2}file: .*\n {2}Set it up once .*\n {4}npm start\n$/,
  );
});

test('doctor counts it as missing, with the command that provides it', async () => {
  const { exit, stdout } = await runCli(['doctor', '--json'], withoutLibrary());
  const { ok, checks } = JSON.parse(stdout);
  expect([exit, ok]).toEqual([69, false]);
  const [missing] = checks.filter(({ status }: { status: string }) => status === 'missing');
  expect(missing).toMatchObject({
    name: 'library',
    detail: expect.stringMatching(/^libtensorflow_cc\.\S+ is not there$/),
  });
  expect(missing.command).toMatch(/scripts\/setup\.mjs --native$/);
});

test('doctor is content with this installation, each check by name', async () => {
  const { exit, stdout } = await runCli(['doctor', '--json']);
  const { ok, checks } = JSON.parse(stdout);
  expect([exit, ok]).toEqual([0, true]);
  expect(checks.map(({ name }: { name: string }) => name)).toEqual([
    'Node',
    'processor',
    'library',
    'addons',
    'TensorFlow',
    'data',
    'fonts',
    'models',
    'cache',
  ]);
});

test('doctor names data that is missing and the command that fetches it', async () => {
  const dataDir = createFolderForTest();
  const { stdout } = await runCli(['doctor', '--data-dir', dataDir]);
  expect(stdout).toMatch(/^warning data .*train-images-idx3-ubyte.*\n +mnist-cnn download --data-dir /m);
});

function withoutLibrary() {
  return { env: { MNIST_CNN_CACHE: createFolderForTest(), MNIST_CNN_LIBTENSORFLOW: undefined } };
}
