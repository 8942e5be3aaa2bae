import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { quote } from './escape.mjs';

const folder = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Whether this is a checkout, where setup also installs the packages and builds, and no installed package. */
export function isCheckout() {
  return fs.existsSync(path.join(folder, 'package-lock.json')) && fs.existsSync(path.join(folder, 'src'));
}

/** The command that runs setup with `flags` from where the user stands. In a checkout no `mnist-cnn` need be in the PATH. */
export function setupCommand(/** @type {string[]} */ ...flags) {
  if (!isCheckout()) return ['mnist-cnn setup', ...flags.filter((flag) => flag !== '--native')].join(' ');
  const script = path.relative(process.cwd(), path.join(folder, 'setup', 'main.mjs'));
  return ['node', quote(script), ...flags].join(' ');
}
