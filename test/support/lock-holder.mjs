// Takes the lock of a folder in a process of its own, once it is told to, and holds it until its input ends.
import { once } from 'node:events';
import { acquireLock } from '../../dist/run/lock.js';

console.log('ready');
await once(process.stdin, 'data');
try {
  const lock = acquireLock(process.argv[2]);
  console.log('held');
  process.stdin.resume();
  await once(process.stdin, 'end');
  lock.release();
} catch (error) {
  console.log(error.code);
  process.stdin.destroy();
}
