import { DatasetError } from '#mnist-dataset-loader';

/** Runs one bench by its name: `npm run bench -- NAME [flags]`; without a name, the closed table. */
type Bench = (words: readonly string[]) => Promise<void>;

const quickFlags = ['--quick', '--rounds=5', '--steps=50', '--job-rounds=1', '--threads=2'];

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  closed: async () => (await import('./closed.ts')).benchClosed,
  quick: async () => {
    const { benchClosed } = await import('./closed.ts');
    return (words) => benchClosed([...quickFlags, ...words]);
  },
  rivals: async () => (await import('./rivals/setup.ts')).setUpRivals,
  stock: async () => (await import('./stock.ts')).benchStock,
  presets: async () => (await import('./presets.ts')).benchPresets,
  networks: async () => (await import('./networks.ts')).benchNetworks,
  kernels: async () => (await import('./kernels.ts')).benchKernels,
  batch: async () => (await import('./growth.ts')).benchBatch,
  width: async () => (await import('./growth.ts')).benchWidth,
  overhead: async () => (await import('./overhead.ts')).benchOverhead,
  'fine-tuning': async () => (await import('./fine-tuning.ts')).benchFineTuning,
  'own-digits': async () => (await import('./own-digits.ts')).benchOwnDigits,
  'predict-photos': async () => (await import('./predict-photos.ts')).benchPredictPhotos,
};

const given = process.argv.slice(2);
const isNamed = given[0] !== undefined && !given[0].startsWith('--');
const [name, words] = isNamed ? [given[0] ?? '', given.slice(1)] : ['closed', given];
const load = benches[name];
if (load === undefined) {
  console.error(`bench: name one of ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  try {
    await (await load())(words);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    console.error(
      `bench: ${error.message}\nFetch the data with npx mnist-cnn download, or name its folder: --data DIR`,
    );
    process.exitCode = 1;
  }
}
