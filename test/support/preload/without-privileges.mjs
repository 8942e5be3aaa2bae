// Runs the program without the privileges of the superuser, to whom every file is open.
import { spawnSync } from 'node:child_process';

const isPrivileged = process.getuid?.() === 0;
if (isPrivileged) {
  const drop = ['--bounding-set=-all', '--inh-caps=-all', '--', process.execPath];
  const { status } = spawnSync('setpriv', [...drop, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
