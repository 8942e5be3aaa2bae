// Refuses to rename or link from one folder into another, as between two file systems; nothing may rely on the folder for
// temp files, which is not there.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

process.env.TMPDIR = '/nowhere';

const refuseStrangers =
  (original) =>
  (from, to, ...rest) => {
    if (path.dirname(path.resolve(String(from))) === path.dirname(path.resolve(String(to))))
      return original(from, to, ...rest);
    throw Object.assign(new Error(`EXDEV: ${String(from)} -> ${String(to)}`), { code: 'EXDEV' });
  };

for (const name of ['renameSync', 'linkSync', 'rename', 'link']) fs[name] = refuseStrangers(fs[name]);
for (const name of ['rename', 'link']) fs.promises[name] = refuseStrangers(fs.promises[name]);
syncBuiltinESMExports();
