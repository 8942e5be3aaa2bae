// Writes docs/cli.md from the option tables of the built program. `npm run docs` builds first.
import fs from 'node:fs';
import { formatCommandReference } from '../../dist/cli/command-reference.js';

fs.writeFileSync(new URL('../../docs/cli.md', import.meta.url), await formatCommandReference());
