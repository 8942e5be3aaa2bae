import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { hasAddons, provideAddons } from '../../setup/addons.mjs';
import { SetupError } from '../../setup/errors.mjs';
import { hasLibrary, provideLibrary } from '../../setup/library.mjs';
import { findWheel } from '../../setup/platforms.mjs';
import { createProgress } from '../../setup/progress.mjs';
import { removeStaging } from '../../setup/staging.mjs';
import { failAtCall } from '../support/fail-at-call.mjs';
import { createFakePrograms, createFakeWheel } from '../support/fake-wheel.ts';
import { createMemoryFolder, readTree } from '../support/folder.ts';
import { preferPython } from '../support/python.ts';
import { preload } from '../support/run-cli.ts';
import { runSetup } from '../support/run-setup.ts';

const root = createMemoryFolder();
const { wheel, pins, options } = createFakeWheel(root);
const { CXX, TRIAL } = createFakePrograms(root);
const progress = createProgress({ stream: process.stderr, quiet: true });
let folders = 0;
const newCache = () => path.join(root, `cache-${folders++}`);

const failAtCallInPython = fileURLToPath(new URL('../support/fail_at_call.py', import.meta.url));
const python = { at: 0, errno: 'EIO', calls: 0 };

// Setup in this process, which runs no other file of tests, works with the small wheel, with a compiler that writes a word, and with
// a Python whose disk may be full.
vi.mock('../../setup/child.mjs', async (load) => ({
  ...(await load<Child>()),
  runProgram: async (program: string, words: readonly string[], more: object) => {
    if (program === 'python3') {
      const fault = [failAtCallInPython, String(python.at), python.errno];
      const result = await (await load<Child>()).runProgram(program, [...fault, ...words.slice(1)], more);
      python.calls = Number(/^(\d+)$/m.exec(result.output)?.[1]);
      return result;
    }
    const output = words[words.indexOf('-o') + 1];
    try {
      if (words.includes('-o') && output !== undefined) fs.writeFileSync(output, 'built\n');
      return { code: 0, signal: null, output: '2.21.0' };
    } catch (error) {
      return { code: 1, signal: null, output: `fatal error: ${String(error)}` };
    }
  },
}));
preferPython();
delete process.env['MNIST_CNN_LIBTENSORFLOW'];
Object.assign(findWheel(), pins);

type Child = typeof import('../../setup/child.mjs');
type Stage = () => Promise<void>;
const unpack: Stage = () => provideLibrary({ wheels: { library: wheel } }, progress);
const compile: Stage = () => provideAddons({}, progress);

/** Runs a stage with one fault in the cache, and gives the calls and the error. */
async function runStage(
  stage: Stage,
  cache: string,
  fault: { readonly at: number; readonly errno: string; readonly forever?: boolean },
) {
  process.env['MNIST_CNN_CACHE'] = cache;
  const { calls, restore } = failAtCall({ folder: cache, ...fault });
  try {
    await stage();
    return { calls, error: undefined };
  } catch (error) {
    return { calls, error };
  } finally {
    restore();
  }
}

const none = { at: 0, errno: 'EIO' };
const wholeCache = newCache();
const unpacking = (await runStage(unpack, wholeCache, none)).calls;
const unpacked = describeCache(wholeCache);
const pythonCalls = python.calls;
const compiling = (await runStage(compile, wholeCache, none)).calls;
const whole = describeCache(wholeCache);

/** The files of a cache that are not set aside for later, with their bytes; the addons without the hash in their names. */
function describeCache(cache: string): Readonly<Record<string, string>> {
  const files = fs.existsSync(cache) ? Object.entries(readTree(cache)) : [];
  return Object.fromEntries(
    files
      .filter(([name]) => !/^(staging-|setup\.lock)/.test(name))
      .map(([name, bytes]) => [name.replace(/-[0-9a-f]{16}\./, '.'), bytes]),
  );
}

/** After any fault nothing half done carries its final name, and the next setup ends well and leaves nothing aside. */
async function recover(cache: string, end: Readonly<Record<string, string>>): Promise<void> {
  const found = describeCache(cache);
  expect(whole).toMatchObject(found);
  expect([0, Object.keys(unpacked).length]).toContain(Object.keys(found).filter(isOfLibrary).length);
  process.env['MNIST_CNN_CACHE'] = cache;
  removeStaging();
  if (!hasLibrary()) await runStage(unpack, cache, none);
  if (end === whole && !hasAddons()) await runStage(compile, cache, none);
  expect(describeCache(cache)).toEqual(end);
  expect(fs.readdirSync(cache).filter((name) => name.startsWith('staging-'))).toEqual([]);
}

const isOfLibrary = (name: string) => name.startsWith('libtensorflow-');

test('the fault-free run leaves a library of four files and three addons', () => {
  const names = Object.keys(whole);
  expect([names.filter(isOfLibrary).length, names.length]).toEqual([5, 8]);
});

describe.each(['ENOSPC', 'EIO'])('%s', (errno) => {
  describe.each([
    { name: 'unpacking', stage: unpack, list: unpacking, start: newCache, end: unpacked },
    { name: 'compiling', stage: compile, list: compiling, start: copyUnpacked, end: whole },
  ])('while $name', ({ stage, list, start, end }) => {
    test.each([
      ['once', false],
      ['from then on', true],
    ])(
      `at each of the ${list.length} calls, %s, is told in words and recovered from (C7)`,
      async (_, forever) => {
        for (const [index, call] of list.entries()) {
          const cache = start();
          const { error } = await runStage(stage, cache, { at: index + 1, errno, forever });
          if (error !== undefined) {
            expect(error, call).toBeInstanceOf(SetupError);
            expect(error, call).toHaveProperty('message', expect.stringContaining(`(${errno})`));
          }
          await recover(cache, end);
        }
      },
    );
  });
});

test.each(['ENOSPC', 'EIO'])(
  `%s at each of the ${pythonCalls} calls of Python while it unpacks is told in words and recovered from (C7)`,
  async (errno) => {
    let failures = 0;
    for (let at = 1; at <= pythonCalls; at++) {
      const cache = newCache();
      Object.assign(python, { at, errno });
      const { error } = await runStage(unpack, cache, none);
      Object.assign(python, { at: 0 });
      // Nothing is lost where a folder that is there already was to be made.
      if (error === undefined) expect(describeCache(cache), `call ${at}`).toEqual(unpacked);
      else {
        expect(error).toBeInstanceOf(SetupError);
        expect(error).toHaveProperty('message', expect.stringMatching(`^cannot .*\\(${errno}\\)$`));
        expect(fs.readdirSync(cache)).toEqual([]);
        failures++;
      }
      await recover(cache, unpacked);
    }
    expect(failures).toBeGreaterThan(20);
  },
);

/** A cache that holds the library and no addons. */
function copyUnpacked(): string {
  const cache = newCache();
  fs.cpSync(wholeCache, cache, { recursive: true });
  fs.rmSync(path.join(cache, 'addons'), { recursive: true });
  return cache;
}

describe('the program itself', () => {
  /** Sets up with the small wheel, a compiler and a trial that do nothing, and a fault in the cache. */
  function setUp(cache: string, fault: { readonly at: number; readonly errno: string }) {
    const report = path.join(root, 'calls.json');
    return runSetup(cache, ['--wheel', wheel], {
      nodeFlags: [...options.nodeFlags, ...preload('fail-at-call')],
      env: { ...options.env, CXX, TRIAL, FAULT: JSON.stringify({ folder: cache, report, ...fault }) },
    });
  }

  /** Where in its calls setup does these things for the first time, or for the last. */
  async function findPlaces(): Promise<readonly number[]> {
    await setUp(newCache(), none);
    const calls: readonly string[] = JSON.parse(fs.readFileSync(path.join(root, 'calls.json'), 'utf8'));
    const first = [
      'openSync setup.lock',
      'mkdtempSync',
      'writeFileSync library.json',
      'renameSync unpacked',
      'renameSync setup.lock',
      'renameSync quiet',
    ];
    const last = ['mkdtempSync', 'renameSync setup.lock', 'renameSync', 'rmSync'];
    return [
      ...first.map((call) => calls.findIndex((each) => each.startsWith(call)) + 1),
      ...last.map((call) => calls.findLastIndex((each) => each.startsWith(call)) + 1),
    ];
  }

  test('kill -9 in the lock, between unpacking, compiling and putting in place: the next one finishes and clears (C7)', async () => {
    const places = await findPlaces();
    expect(Math.min(...places)).toBeGreaterThan(0);
    const killed = places.map(async (at) => {
      const cache = newCache();
      expect(await setUp(cache, { at, errno: 'KILL' })).toMatchObject({ signal: 'SIGKILL' });
      expect(whole).toMatchObject(describeCache(cache));
      expect(await setUp(cache, none)).toMatchObject({ exit: 0 });
      // Killed when all was done but for letting go of the lock, it leaves that, for whoever needs it next.
      const names = fs.readdirSync(cache).filter((name) => name !== 'setup.lock');
      expect([describeCache(cache), names.length]).toEqual([whole, 2]);
    });
    await Promise.all(killed);
  });

  test('two at once leave one whole result (C11)', async () => {
    const cache = newCache();
    const results = await Promise.all([setUp(cache, none), setUp(cache, none)]);
    expect(results.map(({ exit }) => exit)).toEqual([0, 0]);
    expect([describeCache(cache), fs.readdirSync(cache).length]).toEqual([whole, 2]);
    expect(results.filter(({ stderr }) => stderr.includes('unpacking'))).toHaveLength(1);
  });
});
