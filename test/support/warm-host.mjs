// Runs command lines one after the other in one process, where TensorFlow is loaded once: warm-cli.ts sends them.
import fs from 'node:fs';
import { runCommandLine } from '../../dist/cli/run-command.js';

const writeSync = fs.writeSync;
const ownEnvironment = { ...process.env };
let written = { 1: [], 2: [] };

process.setMaxListeners(0);
fs.writeSync = (handle, ...rest) => {
  if (handle !== 1 && handle !== 2) return writeSync(handle, ...rest);
  const bytes = Buffer.from(rest[0]);
  written[handle].push(bytes);
  return bytes.length;
};
process.stdout.write = (text) => written[1].push(Buffer.from(text)) > 0;
process.stderr.write = (text) => written[2].push(Buffer.from(text)) > 0;

process.on('disconnect', () => process.exit());
process.on('message', (request) => {
  void answer(request).then((result) => process.send(result));
});

async function answer({ words, cwd, env }) {
  written = { 1: [], 2: [] };
  process.env = { ...ownEnvironment, ...env };
  process.chdir(cwd);
  const exit = await runCommandLine(words);
  const [stdout, stderr] = [1, 2].map((handle) => Buffer.concat(written[handle]).toString());
  return { exit, stdout, stderr };
}
