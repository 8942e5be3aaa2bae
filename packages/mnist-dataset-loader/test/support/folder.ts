import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that is gone when the test ends. */
export function createTestFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-loader-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file below a folder with its bytes in base64, to compare a folder before and after. */
export function snapshot(folder: string): Record<string, string> {
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.toSorted().map((file) => [path.relative(folder, file), fs.readFileSync(file, 'base64')]),
  );
}
