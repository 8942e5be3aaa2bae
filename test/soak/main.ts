import type { SoakResult } from './result.ts';

/** Runs one long trial by its name: `npm run soak -- NAME [flags]`. Ends with 1 where anything was lost. */
type Soak = (words: readonly string[]) => Promise<SoakResult>;

const soaks: Readonly<Record<string, () => Promise<Soak>>> = {
  determinism: async () => (await import('./determinism.ts')).soakDeterminism,
  faults: async () => (await import('./faults.ts')).soakFaults,
  installs: async () => (await import('./installs.ts')).soakInstalls,
  interrupts: async () => (await import('./interrupts.ts')).soakInterrupts,
  kills: async () => (await import('./kills.ts')).soakKills,
  network: async () => (await import('./network.ts')).soakNetwork,
  races: async () => (await import('./races.ts')).soakRaces,
  resume: async () => (await import('./resume.ts')).soakResume,
};

const [name = '', ...words] = process.argv.slice(2);
const load = soaks[name];
if (load === undefined) {
  console.error(`soak: name one of ${Object.keys(soaks).join(', ')}`);
  process.exitCode = 2;
} else {
  const { lost } = await (await load())(words);
  if (lost.length > 0) process.exitCode = 1;
}
