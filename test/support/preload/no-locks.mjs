// Locks do nothing: whoever creates a lock file gets it, as on a file system that does not know "only if it is not there".
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { openSync, rmSync } = fs;
fs.openSync = (file, flags, ...rest) => {
  if (String(file).endsWith('.lock') && flags === 'wx') rmSync(file, { force: true });
  return openSync(file, flags, ...rest);
};
syncBuiltinESMExports();
