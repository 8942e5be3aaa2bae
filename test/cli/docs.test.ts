import fs from 'node:fs';
import { expect, test } from 'vitest';
import { formatCommandReference } from './command-reference.ts';

test('docs/cli.md is what the option tables say; npm run docs writes it', async () => {
  const written = fs.readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  expect(written).toBe(await formatCommandReference());
});
