// Writes the table of docs/networks.md. `npm run docs` runs it.
import fs from 'node:fs';
import { replaceNetworkTable } from './network-table.ts';

const file = new URL('../../docs/networks.md', import.meta.url);
fs.writeFileSync(file, replaceNetworkTable(fs.readFileSync(file, 'utf8')));
