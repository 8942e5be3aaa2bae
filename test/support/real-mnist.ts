import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder beside the checkout that may hold the real database. */
export const realFolder = fileURLToPath(new URL('../../../shared/mnist', import.meta.url));

/** Whether it is not there; tests that need it say so in their titles then. */
export const isRealMissing = !fs.existsSync(realFolder);

/** The end of such a title. */
export const realNote = isRealMissing ? ' (skipped: the real database is not beside the checkout)' : '';
