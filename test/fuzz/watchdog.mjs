// A thread beside the fuzzer: where one input is read for longer than the limit, keeps its bytes and ends the process.
// Plain JavaScript, since a thread has no loader for TypeScript.
import fs from 'node:fs';
import { workerData } from 'node:worker_threads';

const { beat, input, file, limitMs } = workerData;
// beat: [how many inputs were begun, bytes of the one being read, 0 between two]
const state = new Int32Array(beat);
let before = -1;
for (;;) {
  Atomics.wait(state, 2, 0, limitMs);
  const begun = Atomics.load(state, 0);
  const sizeBytes = Atomics.load(state, 1);
  if (begun === before && sizeBytes >= 0) {
    fs.writeFileSync(file, Buffer.from(input).subarray(0, sizeBytes));
    fs.writeSync(2, `fuzz: one input is read for more than ${limitMs / 1000} s; it is in ${file}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
  before = begun;
}
