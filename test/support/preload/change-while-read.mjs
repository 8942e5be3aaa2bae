// Changes a file after a part of it was read: CHANGED is the file, CHANGE what another program does to it meanwhile.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { CHANGED: file, CHANGE: change } = process.env;
const { openSync, readSync } = fs;
const changes = {
  replace: () => {
    fs.writeFileSync(`${file}.new`, 'another');
    fs.renameSync(`${file}.new`, file);
  },
  overwrite: () => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size)),
  shorten: () => fs.truncateSync(file, 1000),
};
let handle;
fs.openSync = (...given) => {
  const opened = openSync(...given);
  if (given[0] === file) handle ??= opened;
  return opened;
};
fs.readSync = (opened, bytes, from, length, position) => {
  if (opened !== handle) return readSync(opened, bytes, from, length, position);
  handle = undefined;
  const count = readSync(opened, bytes, from, 500, position);
  changes[change]();
  return count;
};
syncBuiltinESMExports();
