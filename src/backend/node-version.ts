import { TrainerError } from '../core/errors.ts';

/** Whether a Node has what this tool is written for: 20.19, as package.json says. */
export function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** Refuses a Node that would fail somewhere on the way. @throws TrainerError `E_NATIVE` with both versions. */
export function checkNode(version = process.versions.node): void {
  if (isNodeNewEnough(version)) return;
  throw new TrainerError('E_NATIVE', `Node ${version} is too old: 20.19 or newer is needed`, {
    expected: '>= 20.19',
    actual: version,
    command: 'nvm install 22',
  });
}
