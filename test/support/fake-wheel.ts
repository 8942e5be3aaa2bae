import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type CliOptions, preload } from './run-cli.ts';
import { createZip, type ZipMember } from './zip.ts';

/** The members of a small wheel that is laid out as TensorFlow's. */
export const wheelMembers: readonly ZipMember[] = [
  { name: 'tensorflow/libtensorflow_cc.so.2', content: 'library '.repeat(500) },
  { name: 'tensorflow/libtensorflow_framework.so.2', content: 'framework' },
  { name: 'tensorflow/include/tensorflow/c/c_api.h', content: 'header' },
  { name: 'tensorflow/include/tsl/platform/empty.h', content: '', method: 0 },
  { name: 'tensorflow/python/not_needed.py', content: 'python' },
];

/** A small wheel, and what surrounds a setup that takes it for TensorFlow's. */
export interface FakeWheel {
  readonly wheel: string;
  /** What is pinned of it. */
  readonly pins: { readonly sha256: string; readonly sizeBytes: number; readonly unpackedBytes: number };
  readonly options: CliOptions & { readonly nodeFlags: readonly string[] };
}

/** Writes a wheel into a folder. */
export function createFakeWheel(folder: string, members: readonly ZipMember[] = wheelMembers): FakeWheel {
  const wheel = path.join(folder, 'fake.whl');
  const bytes = createZip(members);
  fs.writeFileSync(wheel, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const pins = { sha256, sizeBytes: bytes.length, unpackedBytes: 1_000_000 };
  const options = { nodeFlags: preload('fake-wheel'), env: { WHEEL: JSON.stringify(pins) } };
  return { wheel, pins, options };
}

/** Writes a compiler and a trial into a folder that do nothing and succeed at once; gives the variables that name them. */
export function createFakePrograms(folder: string): { readonly CXX: string; readonly TRIAL: string } {
  const compiler = path.join(folder, 'compiler');
  const trial = path.join(folder, 'trial');
  const compile =
    'out=/dev/null\nfor word; do [ "$last" = -o ] && out=$word; last=$word; done\necho built > "$out"\n';
  fs.writeFileSync(compiler, `#!/bin/sh\n${compile}`, { mode: 0o755 });
  fs.writeFileSync(trial, '#!/bin/sh\necho 2.21.0\n', { mode: 0o755 });
  return { CXX: compiler, TRIAL: trial };
}
