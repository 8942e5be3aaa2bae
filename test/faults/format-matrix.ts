import { matrix } from './matrix.ts';
import type { FaultRow } from './section.ts';
import { findTaggedTests } from './tagged-tests.ts';

/** The matrix as docs/faults.md holds it, with the tests of each row. */
export function formatMatrix(): string {
  const tests = findTaggedTests();
  const rows = matrix.flatMap((section) => section.rows);
  const proven = rows.filter(({ id }) => tests.has(id)).length;
  const sections = matrix.map(({ title, rows: own }) => {
    const lines = own.map((row) => formatRow(row, tests.get(row.id) ?? []));
    return [`## ${own[0]?.id[0]}. ${title}`, '', ...head, ...lines].join('\n');
  });
  return `${[intro(rows.length, proven), ...sections].join('\n\n')}\n`;
}

const head = [
  '| # | fault | exit | message says | afterwards | test |',
  '| --- | --- | --- | --- | --- | --- |',
];

function intro(count: number, proven: number): string {
  return [
    '# Faults',
    '',
    'Written by `npm run docs` from `test/faults/matrix.ts`. What every command does with bad input and with faults of disk, network and',
    `process: ${count} rows, ${proven} of them with tests of their own, the others with the reason why not. Tests carry the number of their row in`,
    "their titles: `npx vitest run -t '(A13)'`. Exit codes: [cli.md](cli.md#exit-codes).",
  ].join('\n');
}

function formatRow(
  { id, fault, exit, says, afterwards, untested }: FaultRow,
  files: readonly string[],
): string {
  const links = files.map((file) => `[${file.replace(/^.*\/|\.test\.ts$/g, '')}](../${file})`);
  const proof = links.length > 0 ? links.join(', ') : (untested ?? '');
  return `| ${[id, fault, exit, says, afterwards, proof].map(escapeCell).join(' | ')} |`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
