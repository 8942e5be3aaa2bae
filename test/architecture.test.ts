import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && fs.existsSync(path.join(root, file)));
const sources = tracked.filter((file) => /^(src|packages\/[^/]+\/src)\/.*\.ts$/.test(file));

const ofSetup = ['escape', 'lock', 'owner'].map((name) => `setup/${name}.mjs`);

/** Who may import whom, folders or single files; every folder may import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  loader: [],
  core: ['setup/escape.mjs'],
  config: ['core'],
  data: ['core', 'loader'],
  backend: ['core', 'setup'],
  model: ['core', 'backend'],
  evaluate: ['core', 'data', 'backend', 'model'],
  augment: ['core', 'data'],
  train: ['core', 'data', 'backend', 'model', 'config', 'evaluate', 'augment'],
  image: ['core'],
  predict: ['core', 'image', 'backend', 'model'],
  analyze: ['core', 'data', 'backend', 'model', 'evaluate', 'image', 'predict'],
  run: ['core', 'config', 'types of train', 'types of evaluate', ...ofSetup],
  report: ['core', 'run'],
};

interface Import {
  readonly from: string;
  /** A file of the project, or the name of a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const imports = sources.flatMap(readImports);

describe('imports', () => {
  test('are found', () => {
    expect(imports).toContainEqual({
      from: 'src/cli/run-command.ts',
      to: 'src/config/resolve.ts',
      isTypeOnly: false,
    });
  });

  test('lead to files that exist', () => {
    const missing = imports.filter(
      ({ to }) => to.includes('/') && isOwn(to) && !fs.existsSync(path.join(root, to)),
    );
    expect(missing).toEqual([]);
  });

  test('go only where the house allows', () => {
    const forbidden = imports.filter(({ from, to, isTypeOnly }) => {
      const [folder, target] = [folderOf(from), folderOf(to)];
      if (folder === target || target === undefined || folder === 'cli' || folder === 'index') return false;
      const allowed = mayImport[folder ?? ''] ?? [];
      return (
        ![target, to].some((each) => allowed.includes(each)) &&
        !(isTypeOnly && allowed.includes(`types of ${target}`))
      );
    });
    expect(forbidden).toEqual([]);
  });

  test('come from folders that the house knows', () => {
    const known = [...Object.keys(mayImport), 'cli', 'index'];
    expect(sources.filter((file) => !known.includes(folderOf(file) ?? ''))).toEqual([]);
  });

  test('run in no circle', () => {
    expect(findCycle(imports.filter(({ isTypeOnly }) => !isTypeOnly))).toBeUndefined();
  });

  test('of types run in no circle either', () => {
    expect(findCycle(imports)).toBeUndefined();
  });

  test('reach TensorFlow at run time through one file alone', () => {
    const users = imports.filter(({ to, isTypeOnly }) => to.startsWith('@tensorflow/') && !isTypeOnly);
    expect(users).toEqual([]);
    const loaders = imports.filter(({ to }) => to === 'setup/tfjs.mjs').map(({ from }) => from);
    expect(loaders).toEqual(['src/backend/tf.ts']);
  });

  test('of TensorFlow stand where tensors may live', () => {
    const folders = imports
      .filter(({ to }) => to.startsWith('@tensorflow/') || to === 'src/backend/tf.ts')
      .map(({ from }) => folderOf(from));
    const allowed = ['backend', 'model', 'train', 'evaluate', 'predict', 'analyze', 'cli', 'index'];
    expect(folders.filter((folder) => !allowed.includes(folder ?? ''))).toEqual([]);
  });

  test('name the file with its ending', () => {
    const bare = imports.filter(({ to }) => isOwn(to) && !/\.(ts|mjs)$/.test(to));
    expect(bare).toEqual([]);
  });
});

describe('files', () => {
  test('re-export nothing but types and names of their own folder, except index.ts', () => {
    const barrels = sources.filter((file) => {
      const lines = withoutComments(readText(file))
        .split(';')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      return (
        path.basename(file) !== 'index.ts' && lines.every((line) => /^export\b[^=(]*\bfrom\b/s.test(line))
      );
    });
    expect(barrels).toEqual([]);
  });

  test('are named after what they hold', () => {
    const names = /^(utils?|helpers?|common|types)(\.test)?\.(ts|mjs|js)$/;
    expect(tracked.filter((file) => names.test(path.basename(file)))).toEqual([]);
  });

  test('are named in kebab-case', () => {
    expect(sources.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path.basename(file)))).toEqual([]);
  });

  test('export no default', () => {
    expect(sources.filter((file) => /^export default\b/m.test(readText(file)))).toEqual([]);
  });

  test('hold no any, no enum and no namespace', () => {
    const words = /(:\s*any\b|\bas any\b|<any>|^\s*(export )?(const )?enum \w|^\s*(export )?namespace \w)/m;
    expect(sources.filter((file) => words.test(withoutComments(readText(file))))).toEqual([]);
  });

  test('outside of cli do not print', () => {
    const prints = /\bconsole\.|process\.(stdout|stderr)\.write|process\.exit/;
    const found = sources.filter(
      (file) => folderOf(file) !== 'cli' && prints.test(withoutComments(readText(file))),
    );
    expect(found).toEqual([]);
  });

  test('name no folder of the machine that they were written on', () => {
    const folders = new RegExp(
      `(^|[\\s"'\`(=:])/(${['home', 'root', 'Users', 'work', 'tmp'].join('|')})/[\\w.-]`,
    );
    expect(texts().filter((file) => folders.test(readText(file)))).toEqual([]);
  });

  test('name no host of a package registry', () => {
    const hosts = [
      ['registry', 'npmjs'],
      ['registry', 'yarnpkg'],
      ['pypi', 'org'],
      ['pythonhosted', 'org'],
    ].map((parts) => parts.join('.'));
    const found = texts().filter((file) => hosts.some((host) => readText(file).includes(host)));
    expect(found).toEqual([]);
  });
});

function readImports(file: string): readonly Import[] {
  const code = withoutComments(readText(file));
  const statement = /^(?:import|export)\b([^;'=]*)\bfrom '([^']+)'/gm;
  const found = [...code.matchAll(statement)].map(([, names = '', target = '']) => ({
    from: file,
    to: resolveTarget(file, target),
    isTypeOnly: isTypesOnly(names.trim()),
  }));
  const bare = [...code.matchAll(/^import '([^']+)'/gm)].map(([, target = '']) => ({
    from: file,
    to: resolveTarget(file, target),
    isTypeOnly: false,
  }));
  const dynamic = [...code.matchAll(/(typeof\s+)?\bimport\(\s*'([^']+)'\s*\)/g)].map(
    ([, type, target = '']) => ({
      from: file,
      to: resolveTarget(file, target),
      isTypeOnly: type !== undefined,
    }),
  );
  return [...found, ...bare, ...dynamic];
}

/** `type { A }` and `{ type A, type B }` bring in nothing at run time. */
function isTypesOnly(names: string): boolean {
  if (names.startsWith('type ')) return true;
  const parts = names.startsWith('{') ? names.slice(1, -1).split(',') : [names];
  return parts.map((part) => part.trim()).every((part) => part === '' || part.startsWith('type '));
}

function resolveTarget(file: string, target: string): string {
  if (target === '#mnist-dataset-loader') return 'packages/mnist-dataset-loader/src/index.ts';
  return target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target;
}

function isOwn(target: string): boolean {
  return /^(src|packages|setup)\//.test(target);
}

/** The folder of src that a file lies in, `loader` or `setup`; undefined for what is not of the project. */
function folderOf(file: string): string | undefined {
  if (file.startsWith('packages/')) return 'loader';
  if (file.startsWith('setup/')) return 'setup';
  if (file === 'src/index.ts') return 'index';
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

function findCycle(edges: readonly Import[]): readonly string[] | undefined {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of targets.get(file) ?? []) {
      const cycle = visit(target, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function texts(): readonly string[] {
  return tracked.filter((file) =>
    /\.(ts|tsx|mjs|js|cc|h|md|ya?ml|json|html|css)$|(^|\/)\.?[\w-]+$/.test(file),
  );
}

function readText(file: string): string {
  return fs.readFileSync(path.join(root, file), 'utf8');
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
