import { expect, test } from 'vitest';
import { checkNode } from '../../src/backend/node-version.ts';
import { catchError } from '../support/caught.ts';

test.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0', process.versions.node])('Node %s will do', (version) => {
  expect(() => checkNode(version)).not.toThrow();
});

test.each(['8.17.0', '18.20.8', '19.9.0', '20.18.3'])('Node %s is too old (F18)', (version) => {
  expect(catchError(() => checkNode(version))).toMatchObject({
    code: 'E_NATIVE',
    message: `Node ${version} is too old: 20.19 or newer is needed`,
    expected: '>= 20.19',
    actual: version,
    command: 'nvm install 22',
  });
});
