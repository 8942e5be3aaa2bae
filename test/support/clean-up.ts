// Runs beside each test file: several share a process, and each finds it as it was.
import { afterAll, vi } from 'vitest';
import { removeTempFolders } from './folder.ts';

const environment = { ...process.env };

afterAll(() => {
  removeTempFolders();
  vi.restoreAllMocks();
  for (const name of Object.keys(process.env))
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  Object.assign(process.env, environment);
});
