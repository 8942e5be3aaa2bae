// Removes the folder that the program was started in, before it begins.
import fs from 'node:fs';

fs.rmSync(process.cwd(), { recursive: true });
