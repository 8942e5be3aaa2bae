import type { Target } from './target.ts';

/** Every reader of bytes from outside, loaded when it is asked for. */
export const targets: Readonly<Record<string, () => Promise<Target>>> = {
  idx: async () => (await import('./targets/idx.ts')).idxTarget,
  gzip: async () => (await import('./targets/gzip.ts')).gzipTarget,
  'own-data': async () => (await import('./targets/own-data.ts')).ownDataTarget,
  'data-kind': async () => (await import('./targets/data-kind.ts')).dataKindTarget,
  npz: async () => (await import('./targets/npz.ts')).npzTarget,
  checkpoint: async () => (await import('./targets/checkpoint.ts')).checkpointTarget,
  'model-json': async () => (await import('./targets/model-json.ts')).modelJsonTarget,
  'run-config': async () => (await import('./targets/run-config.ts')).runConfigTarget,
  log: async () => (await import('./targets/log.ts')).logTarget,
  config: async () => (await import('./targets/config.ts')).configTarget,
  architecture: async () => (await import('./targets/architecture.ts')).architectureTarget,
  png: async () => (await import('./targets/png.ts')).pngTarget,
  jpeg: async () => (await import('./targets/jpeg.ts')).jpegTarget,
  webp: async () => (await import('./targets/webp.ts')).webpTarget,
  bmp: async () => (await import('./targets/bmp.ts')).bmpTarget,
  picture: async () => (await import('./targets/picture.ts')).pictureTarget,
};
