// Writes a run with the built program's modules and tells each saved step: run-child.mjs FOLDER.
import { writeRun } from './write-run.mjs';

const build = new URL('../../dist/', import.meta.url);
const modules = {
  ...(await import(new URL('run/run-directory.js', build).href)),
  ...(await import(new URL('run/run-config.js', build).href)),
};
writeRun(process.argv[2], modules, (step) => process.stdout.write(`${step}\n`));
