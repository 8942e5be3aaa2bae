import type { Random } from '../../src/core/random.ts';
import { pick } from './byte-mutations.ts';
import type { Mutation } from './target.ts';

/** Changes of whole lines. */
export const lineMutations: readonly Mutation[] = [
  changeLines((lines, numbers) => lines.toSpliced(numbers.integer(lines.length), 1)),
  changeLines((lines, numbers) => {
    const at = numbers.integer(lines.length);
    return lines.toSpliced(at, 0, ...Array.from({ length: 1 + numbers.integer(8) }, () => lines[at] ?? ''));
  }),
  changeLines((lines, numbers) => {
    const [from, to] = [numbers.integer(lines.length), numbers.integer(lines.length)];
    return lines.toSpliced(from, 1).toSpliced(to, 0, lines[from] ?? '');
  }),
  changeLines((lines, numbers) => {
    const at = numbers.integer(lines.length);
    const line = lines[at] ?? '';
    const indent = numbers.integer(2) === 0 ? line.slice(1) : `${' '.repeat(1 + numbers.integer(4))}${line}`;
    return lines.with(at, indent);
  }),
];

/** Changes of a value inside JSON, which stays JSON. */
export const jsonMutation: Mutation = (bytes, numbers) => {
  const value = parse(bytes.toString('utf8'));
  return value === undefined ? undefined : Buffer.from(JSON.stringify(changeValue(value, numbers)));
};

/** The same in one line of several. */
export const jsonLineMutation: Mutation = (bytes, numbers) => {
  const lines = bytes.toString('utf8').split('\n');
  const at = numbers.integer(lines.length);
  const value = parse(lines[at] ?? '');
  if (value === undefined) return undefined;
  return Buffer.from(lines.with(at, JSON.stringify(changeValue(value, numbers))).join('\n'));
};

/** Changes one value, or key, at any depth. */
export function changeValue(value: unknown, numbers: Random): unknown {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isLeaf || numbers.integer(8) === 0) return changeHere(value, numbers);
  if (Array.isArray(value)) {
    const at = numbers.integer(value.length);
    return value.with(at, changeValue(value[at], numbers));
  }
  const key = pick(Object.keys(value), numbers);
  const entries = Object.entries(value).map(
    ([each, content]) => [each, each === key ? changeValue(content, numbers) : content] as const,
  );
  return Object.fromEntries(entries);
}

// biome-ignore format: one value a line would hide that it is one list
const strangeValues: readonly unknown[] = [
  null, true, false, 0, 1, -1, 2, 3, 1.5, 10, 19, 28, 56, 1e3, 65_536, 2 ** 31, 2 ** 53, 1e308, 1e-320, '',
  'a', '\u001b[2J', '\u202e', '\n', '../x', '/etc/passwd', '\0', '__proto__', 'constructor', [], {}, [[]], [null],
  { length: 5 }, 'x'.repeat(300),
];

function changeHere(value: unknown, numbers: Random): unknown {
  if (Array.isArray(value) && value.length > 0 && numbers.integer(2) === 0) {
    const at = numbers.integer(value.length);
    if (numbers.integer(2) === 0) return value.toSpliced(at, 1);
    return value.toSpliced(at, 0, ...Array.from({ length: 1 + numbers.integer(3) }, () => value[at]));
  }
  if (isRecord(value) && numbers.integer(3) > 0) return changeKeys(value, numbers);
  if (typeof value === 'number' && numbers.integer(2) === 0) {
    return pick([value + 1, value - 1, -value, value * 2, value / 2, value + 0.5], numbers);
  }
  if (numbers.integer(12) === 0) return nest(value, 1 + numbers.integer(60));
  return pick(strangeValues, numbers);
}

function changeKeys(value: Readonly<Record<string, unknown>>, numbers: Random): object {
  const entries = Object.entries(value);
  const names = ['__proto__', 'constructor', 'toString', '', 'x', '\u001b[31m', 'length', '0'];
  const name = pick(names, numbers);
  if (entries.length === 0 || numbers.integer(3) === 0) {
    return Object.fromEntries([...entries, [name, pick(strangeValues, numbers)]]);
  }
  const at = numbers.integer(entries.length);
  const content = entries[at]?.[1];
  return Object.fromEntries(
    numbers.integer(2) === 0 ? entries.toSpliced(at, 1) : entries.with(at, [name, content]),
  );
}

function nest(value: unknown, depth: number): unknown {
  let nested = value;
  for (let level = 0; level < depth; level++) nested = level % 2 === 0 ? [nested] : { a: nested };
  return nested;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changeLines(change: (lines: readonly string[], numbers: Random) => readonly string[]): Mutation {
  return (bytes, numbers) =>
    Buffer.from(change(bytes.toString('latin1').split('\n'), numbers).join('\n'), 'latin1');
}
