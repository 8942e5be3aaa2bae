// Sets the clock back by a day when the second checkpoint is put in place.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { renameSync } = fs;
const { now } = Date;
let saves = 0;
let shiftMs = 0;

fs.renameSync = (from, to) => {
  if (String(to).endsWith('.ckpt') && ++saves === 2) shiftMs = -86_400_000;
  return renameSync(from, to);
};
Date.now = () => now() + shiftMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, given) => (given.length > 0 ? new target(...given) : new target(Date.now())),
});
syncBuiltinESMExports();
