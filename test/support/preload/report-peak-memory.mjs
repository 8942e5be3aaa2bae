// At the end of the process: says on stderr how much memory it took at most, in KiB.
import fs from 'node:fs';

process.on('exit', () => {
  fs.writeSync(2, `peak ${/VmHWM:\s*(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]}\n`);
});
