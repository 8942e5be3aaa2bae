import fs from 'node:fs';
import { formatCommandReference } from './command-reference.ts';

fs.writeFileSync(new URL('../../docs/cli.md', import.meta.url), await formatCommandReference());
