import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadConfigFile } from '../../src/config/config-file.ts';
import { catchRejection } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

afterEach(() => vi.restoreAllMocks());

const write = (content: string | Uint8Array, name = 'mnist-cnn.config.json') => {
  const file = path.join(createTempFolder(), name);
  fs.writeFileSync(file, content);
  return file;
};
const load = (file: string) => loadConfigFile(file, 'nowhere');
const entriesOf = async (content: string, name?: string) =>
  Object.fromEntries(
    [...((await load(write(content, name)))?.entries ?? [])].map(([key, { text }]) => [key, text]),
  );
const refusal = async (content: string | Uint8Array, name?: string) => {
  const { code, message } = await catchRejection(load(write(content, name)));
  return [code, message];
};

describe('a config file', () => {
  test('of JSON is read', async () => {
    expect(await entriesOf('{"epochs": 2, "lr": 1e-7, "offline": true, "out": "models/x"}')).toEqual({
      epochs: '2',
      lr: '1e-7',
      offline: 'true',
      out: 'models/x',
    });
  });

  test('of YAML is read', async () => {
    const text = '# mine\nepochs: 2\nmirror:\n  - ../shared\n  - https://a.example/\ntime: 90s\n';
    expect(await entriesOf(text, 'x.yaml')).toEqual({
      epochs: '2',
      mirror: '../shared,https://a.example/',
      time: '90s',
    });
  });

  test('of JSON may be indented with tabs', async () => {
    expect(await entriesOf('{\n\t"epochs": 2\n}\n')).toEqual({ epochs: '2' });
  });

  test.each(['', '# nothing yet\n', '{}'])('may say nothing: %j', async (text) => {
    expect(await entriesOf(text, 'x.yaml')).toEqual({});
  });

  test('knows the place of each entry', async () => {
    const config = await load(write('{\n  "epochs": 2\n}'));
    expect(config?.entries.get('epochs')?.place).toBe('mnist-cnn.config.json:2:3');
  });
});

describe('a config file that cannot be understood', () => {
  test.each([
    ['cut off', '{"epochs": 2', ':1:13: Flow map must end with a }'],
    ['without a colon', '{"epochs" 2}', ':1:11: Missing , or : between flow map items'],
    ['with one key twice', '{"epochs": 2,\n"epochs": 3}', ':2:1: Map keys must be unique'],
    ['that is a list', '[1]', ':1:1: expected "option: value" lines or a JSON object'],
    ['that is a word', 'epochs', ':1:1: expected "option: value" lines or a JSON object'],
    ['with an unknown option', '{\n "epoch": 2}', ':2:2: unknown option "epoch"'],
    ['with __proto__', '{"__proto__": {"a": 1}}', ':1:2: unknown option "__proto__"'],
    ['with constructor', '{"constructor": 1}', ':1:2: unknown option "constructor"'],
    ['with an option of this call alone', '{"dryRun": true}', ':1:2: unknown option "dryRun"'],
    ['with a key that drives a terminal', '{"\\u001b[2J": 1}', ':1:2: unknown option "\\x1b[2J"'],
    ['with a list as a key', '? [a]\n: 1\n', ':1:1: unknown option ""'],
    [
      'with an object as a value',
      '{"epochs": {}}',
      ':1:2: epochs is not a text, a number, true, false or a list of these',
    ],
    [
      'with null as a value',
      '{"epochs": null}',
      ':1:2: epochs is not a text, a number, true, false or a list of these',
    ],
    ['with a list for one value', '{"out": ["a", "b"]}', ':1:2: out is a list, expected one value'],
    [
      'with a list of lists',
      '{"mirror": [["a"]]}',
      ':1:2: mirror is not a text, a number, true, false or a list of these',
    ],
    [
      'with an alias',
      'out: &a x\ndataDir: *a\n',
      ':2:1: dataDir is not a text, a number, true, false or a list of these',
    ],
    [
      'that would drive the terminal by a version of YAML',
      '%YAML 1\u001b[2J\n---\n',
      ':1:7: Unsupported YAML version 1\\x1b[2J',
    ],
    ['nested 60,000 deep', '['.repeat(60_000), ': its brackets are nested too deeply'],
  ])('%s is refused with its place', async (_, text, reason) => {
    expect(await refusal(text)).toEqual(['E_CONFIG', `mnist-cnn.config.json${reason}`]);
  });

  test('because it is no UTF-8 is refused', async () => {
    expect(await refusal(Uint8Array.of(0xff, 0xfe))).toEqual([
      'E_CONFIG',
      'mnist-cnn.config.json: not readable as YAML or JSON: The encoded data was not valid for encoding utf-8',
    ]);
  });

  test('runs no code that a tag asks for', async () => {
    expect(await entriesOf('out: !!js/function "function () { process.exit(9) }"', 'x.yaml')).toEqual({
      out: 'function () { process.exit(9) }',
    });
  });

  test('leaves what all objects inherit as it is', async () => {
    await refusal('{"__proto__": {"polluted": 1}}');
    expect('polluted' in {}).toBe(false);
  });

  test('of 100 MB is refused before it is read', async () => {
    const file = write('');
    fs.truncateSync(file, 100_000_000);
    const read = vi.spyOn(fs, 'readFileSync');
    expect(await catchRejection(load(file))).toMatchObject({
      code: 'E_CONFIG',
      message: 'cannot read mnist-cnn.config.json: it has 100,000,000 bytes, the limit is 65,536',
    });
    expect(read).not.toHaveBeenCalled();
  });

  test('because it is missing ends as a missing input', async () => {
    expect(await catchRejection(load(path.join(createTempFolder(), 'x.json')))).toMatchObject({
      code: 'E_NO_INPUT',
      message: 'cannot read x.json: it does not exist (ENOENT)',
    });
  });
});

describe('the search for a config file', () => {
  test('finds none where there is none', async () => {
    expect(await loadConfigFile(undefined, createTempFolder())).toBeUndefined();
  });

  test.each(['mnist-cnn.config.json', 'mnist-cnn.config.yaml', 'mnist-cnn.config.yml'])(
    'finds %s',
    async (name) => {
      const file = write('epochs: 2', name);
      expect((await loadConfigFile(undefined, path.dirname(file)))?.path).toBe(file);
    },
  );

  test('prefers JSON', async () => {
    const file = write('{"epochs": 2}');
    fs.writeFileSync(path.join(path.dirname(file), 'mnist-cnn.config.yaml'), 'epochs: 3');
    expect((await loadConfigFile(undefined, path.dirname(file)))?.entries.get('epochs')?.text).toBe('2');
  });

  test('looks into the folders above', async () => {
    const file = write('{"epochs": 2}');
    const below = path.join(path.dirname(file), 'a', 'b');
    fs.mkdirSync(below, { recursive: true });
    expect((await loadConfigFile(undefined, below))?.path).toBe(file);
  });

  test('loads no code', async () => {
    const folder = createTempFolder();
    fs.writeFileSync(path.join(folder, 'mnist-cnn.config.js'), 'throw new Error("loaded")');
    expect(await loadConfigFile(undefined, folder)).toBeUndefined();
  });

  test('reports one that cannot be read', async () => {
    const folder = createTempFolder();
    fs.mkdirSync(path.join(folder, 'mnist-cnn.config.json'));
    expect(await catchRejection(loadConfigFile(undefined, folder))).toMatchObject({
      code: 'E_NO_INPUT',
      message: 'cannot read mnist-cnn.config.json: it is a folder (EISDIR)',
    });
  });
});
