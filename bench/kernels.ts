/**
 * Each kernel on one core, in every instruction set that this machine has: time, GFLOP/s and share of the FMA peak.
 *
 *     npm run bench -- kernels [--out FILE]
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';

/** A line of the program: the plain loop's time and the fast version's. */
const kernelLine =
  /^ {2}(?<kernel>\S.*?) +plain +(?<plainUs>[\d.]+) us.* fast +(?<fastUs>[\d.]+) us +(?<gigaflops>[\d.]+) GFLOP\/s, +(?<ofPeak>\d+) %/;
const setLine = /^(?<set>\w+): multiply-adds alone reach (?<peak>[\d.]+) GFLOP/;

/** Compiles and runs native/test/kernels_speed.cc, shows its table and writes it as JSON. @throws Error where it fails. */
export async function benchKernels(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { out: { type: 'string', default: 'bench/results/kernels.json' } },
  });
  const machine = describeMachine();
  console.log(machine);
  const script = fileURLToPath(new URL('../native/test/run.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--speed'], { encoding: 'utf8' });
  console.log(stdout.trimEnd());
  if (status !== 0) throw new Error(`the kernels' speed program ended with ${status}:\n${stderr}`);
  const rows: object[] = [];
  let set = {};
  for (const line of stdout.split('\n')) {
    const start = setLine.exec(line)?.groups;
    if (start !== undefined) set = { instructions: start['set'], peakGigaflops: Number(start['peak']) };
    const { kernel, ...numbers } = kernelLine.exec(line)?.groups ?? {};
    if (kernel === undefined) continue;
    const figures = Object.entries(numbers).map(([name, text]) => [name, Number(text)] as const);
    rows.push({ ...set, kernel, ...Object.fromEntries(figures) });
  }
  if (rows.length === 0) throw new Error('the speed program printed no kernel');
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  const taken = { date: new Date().toISOString(), machine, rows };
  fs.writeFileSync(values.out, `${JSON.stringify(taken, null, 1)}\n`);
}
