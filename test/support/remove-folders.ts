// Runs beside each test file, also where several share a process.
import { afterAll } from 'vitest';
import { removeTempFolders } from './folder.ts';

afterAll(removeTempFolders);
