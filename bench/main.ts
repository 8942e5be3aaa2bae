/** Runs one bench by its name: `npm run bench -- NAME [flags]`. */
const benches: Readonly<Record<string, () => Promise<(words: readonly string[]) => Promise<void>>>> = {
  stock: async () => (await import('./stock.ts')).benchStock,
  'predict-photos': async () => (await import('./predict-photos.ts')).benchPredictPhotos,
  rivals: async () => (await import('./rivals/setup.ts')).setUpRivals,
};

const [name = '', ...words] = process.argv.slice(2);
const load = benches[name];
if (load === undefined) {
  console.error(`bench: name one of ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  await (await load())(words);
}
