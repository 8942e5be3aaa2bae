export { type Dataset, loadMnist } from './dataset.ts';
export { DatasetError, type DatasetErrorCode, type DatasetErrorDetails } from './errors.ts';
export { type IdxArray, parseIdx } from './idx.ts';
export { mnistFiles, publicMirrors, type SourceFile, type Split } from './sources.ts';
