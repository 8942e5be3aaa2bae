import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A file whose content is replaced again and again, for readers that take a path. */
export interface ScratchFile {
  readonly path: string;
  readonly folder: string;
  readonly fill: (bytes: Buffer) => void;
}

/** Makes a file of this name in a folder of its own, which is gone when the process ends. In memory, where that is possible. */
export function createScratchFile(name: string): ScratchFile {
  const memory = '/dev/shm';
  const parent = fs.existsSync(memory) ? memory : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(parent, 'mnist-cnn-fuzz-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
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
