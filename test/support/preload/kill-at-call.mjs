// Kills the process at the Nth call of one function of node:fs whose first arguments match: KILL_AT="renameSync 2 \.ckpt$".
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [name, count, pattern] = process.env.KILL_AT.split(' ');
const matches = new RegExp(pattern);
const original = fs[name];
let calls = 0;
fs[name] = (...given) => {
  if (given.slice(0, 2).some((argument) => matches.test(String(argument))) && ++calls === Number(count)) {
    process.kill(process.pid, 'SIGKILL');
  }
  return original(...given);
};
syncBuiltinESMExports();
