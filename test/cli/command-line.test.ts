import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatCommand, pickFlags, repeatCommand, spellProgram } from '../../src/cli/command-line.ts';
import { createTempFolder } from '../support/folder.ts';

describe('formatCommand', () => {
  test('writes operands, then flags in kebab case', () => {
    const words = { operands: ['my photo.png'], flags: { minScore: 0.5, show: true } };
    expect(formatCommand('predict', words)).toBe("mnist-cnn predict 'my photo.png' --min-score 0.5 --show");
  });

  test('repeats a flag for each of several values', () => {
    expect(formatCommand('eval', { flags: { model: ['models/a', 'my net'], mask: true } })).toBe(
      "mnist-cnn eval --model models/a --model 'my net' --mask",
    );
  });

  test('leaves out what is not set', () => {
    expect(formatCommand('eval', { flags: { model: undefined, mask: false } })).toBe('mnist-cnn eval');
  });

  test('ties a value to its flag that would be taken for a flag itself', () => {
    expect(formatCommand('inspect', { flags: { shift: '-2,4' } })).toBe('mnist-cnn inspect --shift=-2,4');
  });

  test('leaves out an address with a password', () => {
    const flags = { mirror: 'http://you:hidden@mirror.example/mnist/', offline: true };
    expect(formatCommand('download', { flags })).toBe('mnist-cnn download --offline');
  });
});

test('repeatCommand changes, adds and leaves out flags of a call', () => {
  const call = { verb: 'train', operands: [], flags: { resume: 'net', lr: '0.5', epochs: '2' } };
  expect(repeatCommand(call, { lr: undefined, epochs: 3, seed: 1 })).toBe(
    'mnist-cnn train --resume net --epochs 3 --seed 1',
  );
});

test('pickFlags keeps the flags of these names, as they were typed', () => {
  expect(pickFlags({ dataset: './mine', offline: true, lr: '1' }, ['dataset', 'offline'])).toEqual({
    dataset: './mine',
    offline: true,
  });
});

describe('spellProgram', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** Pretends that the search path has these folders and that the user is in this one. */
  function stand(folder: string, ...searched: readonly string[]): void {
    vi.stubEnv('PATH', searched.join(path.delimiter));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
  }

  function createBin(...parts: readonly string[]): string {
    const bin = path.join(createTempFolder(), ...parts);
    fs.mkdirSync(bin, { recursive: true });
    fs.writeFileSync(path.join(bin, 'mnist-cnn'), '');
    return bin;
  }

  test('keeps the name where the search path has it, variables before it too', () => {
    stand(createTempFolder(), createTempFolder(), createBin());
    expect(spellProgram("MNIST_CNN_CACHE='/a b' mnist-cnn setup")).toBe(
      "MNIST_CNN_CACHE='/a b' mnist-cnn setup",
    );
  });

  test('puts npx before it below a folder that has it installed, which npm alone puts on the search path', () => {
    const bin = createBin('node_modules', '.bin');
    const below = path.join(bin, '..', '..', 'src');
    fs.mkdirSync(below);
    stand(below, bin);
    expect(spellProgram('mnist-cnn eval')).toBe('npx mnist-cnn eval');
  });

  test('gives Node and the file elsewhere', () => {
    stand(createTempFolder());
    vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', '/opt/mnist cnn/dist/cli/main.js']);
    expect(spellProgram('mnist-cnn eval')).toBe("node '/opt/mnist cnn/dist/cli/main.js' eval");
  });

  test.each(['npm start', 'sudo apt-get install fontconfig', 'nvm install 22'])(
    'leaves %s as it is',
    (command) => {
      stand(createTempFolder());
      expect(spellProgram(command)).toBe(command);
    },
  );
});
