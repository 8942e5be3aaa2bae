// Puts a bug into the first hash that the program makes: BUG=call throws there, BUG=timer and BUG=promise later.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const original = crypto.createHash;
const bugs = {
  call: () => {
    throw new TypeError('injected');
  },
  timer: () => void setImmediate(bugs.call),
  promise: () => void Promise.reject(new TypeError('injected')),
};

crypto.createHash = (...given) => {
  crypto.createHash = original;
  syncBuiltinESMExports();
  bugs[process.env.BUG]();
  return original(...given);
};
syncBuiltinESMExports();
