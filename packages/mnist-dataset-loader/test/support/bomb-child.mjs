// Reads a bomb as MNIST's training images and tells the outcome, the time and the growth of the memory's peak.
import fs from 'node:fs';
import { loadPinned } from '../../dist/payload.js';
import { mnistFiles } from '../../dist/sources.js';

const file = process.argv[2];
const peakKilobytes = () => Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);

const before = peakKilobytes();
const start = performance.now();
let outcome = {};
try {
  loadPinned(file, mnistFiles[0]);
} catch (error) {
  outcome = error;
}
const { code, message } = outcome;
const elapsedMs = performance.now() - start;
process.stdout.write(
  JSON.stringify({ code, message, elapsedMs, grownBytes: (peakKilobytes() - before) * 1024 }),
);
