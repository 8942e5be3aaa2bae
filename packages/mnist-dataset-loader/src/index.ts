export { createOwnDataset, type Dataset, loadIdxFolder, loadMnist } from './dataset.ts';
export {
  type DownloadedFile,
  type DownloadOptions,
  type DownloadResult,
  downloadMnist,
} from './download.ts';
export type { DownloadEvent } from './download-event.ts';
export {
  type ConvertibleFault,
  type DataKind,
  DatasetError,
  type DatasetErrorCode,
  type DatasetErrorDetails,
} from './errors.ts';
export { type IdxArray, parseIdx } from './idx.ts';
export { type DownloadLimits, defaultLimits } from './limits.ts';
export { loadNpz } from './npz.ts';
export { loadOwnData } from './own-data.ts';
export { mnistFiles, publicMirrors, type SourceFile, type Split } from './sources.ts';
