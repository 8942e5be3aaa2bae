import fs from 'node:fs';
import path from 'node:path';
import { formatMatrix } from './format-matrix.ts';
import { root } from './tagged-tests.ts';

fs.writeFileSync(path.join(root, 'docs/faults.md'), formatMatrix());
