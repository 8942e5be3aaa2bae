import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { verbs } from '../src/cli/verbs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = listDocuments();

test('the documents of the project are found', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/cli.md']));
});

describe.each(documents)('%s', (name) => {
  const text = fs.readFileSync(path.join(root, name), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const relative = links.filter((target) => !/^[a-z]+:/.test(target));

  test('has relative links to files that exist only', () => {
    expect(relative.filter((target) => !fs.existsSync(fileOf(name, target)))).toEqual([]);
  });

  test('has prose of at most 120 columns', () => {
    expect(proseOf(text).filter((line) => line.length > 120)).toEqual([]);
  });

  test('has links to headings that exist only', () => {
    const isMissing = (target: string) => {
      const heading = target.split('#')[1];
      return heading !== undefined && !headingsOf(fileOf(name, target)).includes(heading);
    };
    expect(relative.filter(isMissing)).toEqual([]);
  });
});

test('docs/dependencies.md names every dependency', () => {
  const text = fs.readFileSync(path.join(root, 'docs/dependencies.md'), 'utf8');
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(names.filter((name) => !name.startsWith('@types/') && !text.includes(`\`${name}\``))).toEqual([]);
});

test("the README's table names every command", () => {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const names = verbs.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name);
  const named = names.filter((name) => new RegExp(`^\\| .*\`${name}\\b`, 'm').test(readme));
  expect(named).toEqual(names);
});

/** The Markdown files that people read. */
function listDocuments(): readonly string[] {
  const packages = fs.readdirSync(path.join(root, 'packages')).map((name) => path.join('packages', name));
  return ['', 'docs', 'data', 'models', 'native', ...packages].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(folder, name)),
  );
}

function fileOf(document: string, target: string): string {
  const [file = ''] = target.split('#');
  return file === '' ? path.join(root, document) : path.join(root, path.dirname(document), file);
}

/** The lines of a document that are neither table nor code. */
function proseOf(text: string): readonly string[] {
  return text
    .replaceAll(/^```.*?^```$/gms, '')
    .split('\n')
    .filter((line) => !/^(\||    )/.test(line));
}

/** The headings of a file as links name them: lower case, words joined by hyphens, without punctuation. */
function headingsOf(file: string): readonly string[] {
  const headings = fs.readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
