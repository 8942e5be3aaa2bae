import { fileURLToPath } from 'node:url';
import { loadArchitectureFile } from '../src/model/architecture-file.ts';
import { type Architecture, findArchitecture, isArchitectureFile } from '../src/model/architectures.ts';

/** Every network of `npm run bench -- networks`, in this order: a name of `--arch`, or a file in bench/networks. */
const networks: readonly string[] = [
  'cnn',
  'conv3x3',
  'convnet',
  'adder',
  'cnn-large',
  'batch-norm.json',
  'double-conv.json',
  'lenet-5.json',
  'strided.json',
  'two-dense.json',
  'dilated.json',
  'grouped.json',
];

/** The networks with these names, or all of them. @throws Error where there is none of a name. */
export async function loadNetworks(only?: readonly string[]): Promise<readonly Architecture[]> {
  const all = await Promise.all(networks.map(loadNetwork));
  const names = all.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no network ${unknown}, expected some of ${names.join(', ')}`);
  return all.filter(({ name }) => only?.includes(name) !== false);
}

async function loadNetwork(name: string): Promise<Architecture> {
  if (!isArchitectureFile(name)) return findArchitecture(name);
  const file = fileURLToPath(new URL(`networks/${name}`, import.meta.url));
  return (await loadArchitectureFile(file)).architecture;
}
