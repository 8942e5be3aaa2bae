import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A file whose content is replaced again and again, for readers that take a path. */
export interface ScratchFile {
  readonly path: string;
  readonly folder: string;
  readonly fill: (bytes: Buffer) => void;
}

const folders: string[] = [];
process.on('exit', removeScratchFiles);

/** Removes all of them; needed where a process does not end by itself, as those of tests do not. */
export function removeScratchFiles(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/** Makes a file of this name in a folder of its own, in memory where that is possible. */
export function createScratchFile(name: string): ScratchFile {
  const memory = '/dev/shm';
  const parent = fs.existsSync(memory) ? memory : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(parent, 'mnist-cnn-fuzz-'));
  folders.push(folder);
  const file = path.join(folder, name);
  const handle = fs.openSync(file, 'w');
  return {
    path: file,
    folder,
    fill: (bytes) => {
      fs.ftruncateSync(handle, 0);
      fs.writeSync(handle, bytes, 0, bytes.length, 0);
    },
  };
}
