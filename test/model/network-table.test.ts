import fs from 'node:fs';
import { expect, test } from 'vitest';
import { replaceNetworkTable } from './network-table.ts';

test('docs/networks.md lists the networks as they are; npm run docs writes the table', () => {
  const written = fs.readFileSync(new URL('../../docs/networks.md', import.meta.url), 'utf8');
  expect(written).toBe(replaceNetworkTable(written));
});

test('a document without the place for the table is not touched', () => {
  expect(() => replaceNetworkTable('# Networks\n')).toThrow(
    'docs/networks.md does not mark where its table stands',
  );
});
