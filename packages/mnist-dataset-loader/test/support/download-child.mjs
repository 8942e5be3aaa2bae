// Downloads a small database in a process of its own: download-child.mjs SOURCES DATA MIRROR [STEP [WHEN]].
// With STEP it kills itself at that call that changes the disk: WHEN `before` it, or halfway `through` it.
import fs from 'node:fs';

const [sources, dataDir, mirror, step, when] = process.argv.slice(2);

const calls = [];
for (const name of [
  'mkdirSync',
  'openSync',
  'writeSync',
  'fsyncSync',
  'closeSync',
  'linkSync',
  'renameSync',
  'unlinkSync',
]) {
  const original = fs[name];
  fs[name] = (...values) => {
    if (calls.push(name) !== Number(step)) return original(...values);
    if (when === 'through') {
      try {
        if (name === 'writeSync') original(values[0], values[1], values[2], values[3] >> 1);
        else original(...values);
      } catch {
        // It changed nothing.
      }
    }
    process.kill(process.pid, 'SIGKILL');
    // The signal may take a moment: nothing more is done meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}

const { downloadFiles } = await import('../../dist/download.js');
await downloadFiles(JSON.parse(sources), { dataDir, mirrors: [mirror] });
process.stdout.write(JSON.stringify(calls));
