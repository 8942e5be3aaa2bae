// Ends the process at the Nth call of one function of node:fs whose first arguments match: KILL_AT="renameSync 2 \.ckpt$".
// It ends by SIGKILL unless KILL_BY names another signal, or is "heap" for JavaScript's memory to run out. Where it names an
// errno the call fails; other words are run by a shell, and the process goes on.
import { execSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [name, count, pattern] = process.env.KILL_AT.split(' ');
const { KILL_BY = 'SIGKILL' } = process.env;
const matches = new RegExp(pattern);
const original = fs[name];
let calls = 0;
fs[name] = (...given) => {
  if (given.slice(0, 2).some((argument) => matches.test(String(argument))) && ++calls === Number(count)) {
    if (KILL_BY === 'heap') exhaustHeap();
    if (/^E[A-Z]+$/.test(KILL_BY)) throw Object.assign(new Error(`${KILL_BY}: injected`), { code: KILL_BY });
    if (/^SIG[A-Z]+$/.test(KILL_BY)) process.kill(process.pid, KILL_BY);
    else execSync(KILL_BY);
  }
  return original(...given);
};
syncBuiltinESMExports();

function exhaustHeap() {
  const hoard = [];
  for (;;) hoard.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}
